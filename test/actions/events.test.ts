import { afterEach, describe, expect, it } from "vitest";
import { readEvents, recordEvent, recordHaState } from "../../actions/events.ts";
import { readServerFacts } from "../../actions/status/server-facts.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { serverTls } from "../provider/test-access.ts";
import { FakeSql, type SqlAnswer } from "./fake-sql.ts";
import { handleOf } from "./test-handle.ts";

let sql: FakeSql | undefined;

afterEach(() => {
  sql?.stop();
  sql = undefined;
});

/** A handle whose endpoint leads to a server that answers a statement by the first word in it that is known. */
async function handleWith(answers: Readonly<Record<string, SqlAnswer>> = {}) {
  sql = await new FakeSql(serverTls, ({ text }) => {
    return Object.entries(answers).find(([word]) => text.includes(word))?.[1];
  }).start();
  const endpoint = { address: "127.0.0.1", readWritePort: sql.port, readOnlyPort: 9 };
  return { server: sql, handle: handleOf(new FakeCluster(), { endpoint }) };
}

describe("an event", () => {
  it("is written into the table, with its detail as a value, and waits for no standby", async () => {
    const { server, handle } = await handleWith();
    expect(await recordEvent(handle, "switchover", { from: "m-1", to: "m-2", outageMs: 900 })).toBe(true);
    const texts = server.asked.map(({ text }) => text);
    expect(texts[0]).toContain("synchronous_commit = local");
    expect(texts.join("\n")).toContain("create table if not exists public.spilo_events");
    expect(server.asked.at(-1)).toEqual({
      text: "insert into public.spilo_events (kind, detail) values ($1, $2)",
      values: ["switchover", '{"from":"m-1","to":"m-2","outageMs":900}'],
    });
  });

  it("that nobody takes fails nothing", async () => {
    const refusing = { insert: { state: "25006", message: "read-only" } };
    expect(await recordEvent((await handleWith(refusing)).handle, "switchover", {})).toBe(false);
    expect(await recordEvent(handleOf(new FakeCluster()), "switchover", {})).toBe(false);
  });

  it("of a state is written by a statement that looks at the last one", async () => {
    const { server, handle } = await handleWith();
    expect(await recordHaState(handle, "Healthy")).toBe(true);
    expect(server.asked.at(-1)).toEqual({
      text: expect.stringContaining("is distinct from $1"),
      values: ["Healthy"],
    });
  });
});

describe("the events", () => {
  it("are none before the first was noted", async () => {
    const { handle } = await handleWith({ to_regclass: { column: "there", rows: ["f"], type: "bool" } });
    expect(await readEvents(handle)).toEqual([]);
  });

  it("are an error when the server does not let them be read", async () => {
    const { handle } = await handleWith({
      to_regclass: { column: "there", rows: ["t"], type: "bool" },
      to_char: { state: "42501", message: "permission denied for table spilo_events" },
    });
    await expect(readEvents(handle)).rejects.toThrow(/permission denied for table spilo_events/);
  });
});

describe("what the leader's server knows", () => {
  const facts = {
    slots: [{ name: "m_2", type: "physical", active: true, retainedBytes: 0, walStatus: "reserved" }],
    archiver: {
      lastWal: null,
      lastSeconds: null,
      archived: 0,
      failures: 0,
      lastFailedWal: null,
      lastFailedSeconds: null,
      waiting: 0,
      oldestWaitingSeconds: null,
      upTo: null,
      timeoutSeconds: 60,
    },
    standbys: [{ name: "m-2", lagBytes: 0, lagSeconds: 0.001 }],
  };

  it("is read in one statement", async () => {
    const { server, handle } = await handleWith({
      pg_stat_archiver: { column: "facts", rows: [facts] },
    });
    const read = await readServerFacts(handle, { host: "127.0.0.1", port: server.port });
    expect(read).toEqual(facts);
    expect(server.asked).toHaveLength(1);
  });

  it("is an error that says where, when it is something else", async () => {
    const { server, handle } = await handleWith({
      pg_stat_archiver: { column: "facts", rows: [{ ...facts, slots: "many" }] },
    });
    await expect(readServerFacts(handle, { host: "127.0.0.1", port: server.port })).rejects.toThrow(
      `127.0.0.1:${server.port}: the answer is not what was asked for: 0.facts.slots`,
    );
  });
});
