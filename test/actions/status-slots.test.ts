import { describe, expect, it } from "vitest";
import type { DeclaredSlots } from "../../actions/patroni/declared-slots.ts";
import type { SlotReport } from "../../actions/status/server-facts.ts";
import { slotDegradations } from "../../actions/status/slots.ts";

const KB = 1024;
const GB = 1024 ** 3;
const members = [{ name: "orders-1" }, { name: "Orders.2" }];

function saidOf(slot: Partial<SlotReport>, declaredSlots: DeclaredSlots | null = null): readonly string[] {
  const usual = {
    name: "old",
    type: "physical",
    active: false,
    retainedBytes: 0,
    walStatus: "reserved",
  } as const;
  return slotDegradations({ slots: [{ ...usual, ...slot }], declaredSlots, members, replicas: [] });
}

const dropping = "`select pg_drop_replication_slot('old')` on the leader drops it";

describe("a slot that is not in use", () => {
  it("and no member's is told at any size", () => {
    expect(saidOf({ retainedBytes: 16 * KB })).toEqual([
      `slot old is not in use, and holds back 16 kB of WAL: it is no member's; unless somebody comes back for it, ${dropping}`,
    ]);
  });

  it("and has reserved nothing holds nothing back", () => {
    expect(saidOf({ retainedBytes: null, walStatus: null })).toEqual([]);
  });

  it.each([
    ["orders_1", "orders-1"],
    ["orders_2", "Orders.2"],
  ])("and is that of a member, %s, is told when it holds back much", (name, owner) => {
    expect(saidOf({ name, retainedBytes: GB })).toEqual([]);
    expect(saidOf({ name, retainedBytes: 2 * GB })).toEqual([
      `slot ${name} is not in use, and holds back 2 GB of WAL: it is that of ${owner}, which is to come back or to be taken out`,
    ]);
  });

  it("and logical is told when it holds back much: its subscriber may be away for a while", () => {
    expect(saidOf({ type: "logical", retainedBytes: GB })).toEqual([]);
    expect(saidOf({ type: "logical", retainedBytes: 2 * GB })).toEqual([
      `slot old is not in use, and holds back 2 GB of WAL: have who reads it come back, or, if nobody will, ${dropping}`,
    ]);
  });

  it("and has lost what it was for is told", () => {
    expect(saidOf({ walStatus: "lost", retainedBytes: null })).toEqual([
      "slot old has lost WAL that it needs: what it is for must be made anew",
    ]);
  });
});

describe("a slot that is declared", () => {
  it("is nobody's orphan, and told when it holds back much", () => {
    const declared = { logical: [], kept: ["old"] };
    expect(saidOf({ retainedBytes: GB }, declared)).toEqual([]);
    expect(saidOf({ retainedBytes: 2 * GB }, declared)).toEqual([
      "slot old is not in use, and holds back 2 GB of WAL: have who uses it come back, or, if nobody will, take it out of keptSlots: then it is dropped",
    ]);
  });

  it("and logical is not to be dropped by hand: it would be made again", () => {
    expect(saidOf({ type: "logical", retainedBytes: 2 * GB }, { logical: ["old"], kept: [] })).toEqual([
      "slot old is not in use, and holds back 2 GB of WAL: have who reads it come back, or, if nobody will, take it out of logicalSlots",
    ]);
  });

  it("is told when the leader has not got it", () => {
    expect(saidOf({ active: true }, { logical: ["cdc", "old"], kept: ["absent"] })).toEqual([
      "slot cdc is declared, and not there: it is made once its database is there, and no transaction is open any more that began before (Patroni's log on the leader says what it fails by)",
    ]);
  });
});

it("nothing is said of one in use, or when nobody knows", () => {
  expect(saidOf({ active: true, retainedBytes: 5 * GB })).toEqual([]);
  expect(
    slotDegradations({ slots: null, declaredSlots: { logical: ["cdc"], kept: [] }, members, replicas: [] }),
  ).toEqual([]);
});
