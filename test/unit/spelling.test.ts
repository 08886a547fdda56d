import { describe, expect, it } from "vitest";
import { didYouMean } from "../../cluster/schema/spelling.ts";

const known = ["max_wal_senders", "max_connections", "work_mem", "wal_level", "name"];

describe("didYouMean", () => {
  it.each([
    ["max_wal_sender", "Did you mean max_wal_senders?"],
    ["max_conections", "Did you mean max_connections?"],
    ["Work_Mem", "Did you mean work_mem?"],
    ["work-mem", "Did you mean work_mem?"],
    ["wal_leve", "Did you mean wal_level?"],
    ["nmae", "Did you mean name?"],
    ["wrok_mem", "Did you mean work_mem?"],
    ["shared_buffers", "no idea"],
    ["", "no idea"],
  ])("answers %j with %j", (word, answer) => {
    expect(didYouMean(word, known, "no idea")).toBe(answer);
  });
});
