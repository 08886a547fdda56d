import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HaFacts, type HaMember, haStateOf, isSteady } from "../../cluster/running/ha-state.ts";

const leader: HaMember = { name: "m-1", role: "leader", state: "running", isPrimary: true };
const second: HaMember = { name: "m-2", role: "quorum_standby", state: "streaming", lagBytes: 0 };
const third: HaMember = { ...second, name: "m-3" };
const steady: HaFacts = {
  declared: ["m-1", "m-2", "m-3"],
  synchronousStandbys: 1,
  members: [leader, second, third],
};

function stateWith(change: Partial<HaFacts>): string {
  return haStateOf({ ...steady, ...change });
}

describe("the state of a cluster", () => {
  it("is Healthy when one member leads and the others stream", () => {
    expect(haStateOf(steady)).toBe("Healthy");
  });

  it("is NotEnabled with a single member, whatever it does", () => {
    expect(stateWith({ declared: ["m-1"], members: [leader] })).toBe("NotEnabled");
    expect(stateWith({ declared: ["m-1"], members: [] })).toBe("NotEnabled");
  });

  it.each<[string, readonly HaMember[]]>([
    ["nobody leads", [second, third]],
    ["nobody is there", []],
    ["two lead", [leader, { ...leader, name: "m-2" }, third]],
    ["the leader starts", [{ ...leader, state: "starting" }, second, third]],
    ["who leads does not say so itself yet", [{ ...leader, isPrimary: false }, second, third]],
  ])("is FailingOver when %s", (_what, members) => {
    expect(stateWith({ members })).toBe("FailingOver");
  });

  it("is RemovingStandby as long as a member is there that is not declared", () => {
    expect(stateWith({ declared: ["m-1", "m-2"] })).toBe("RemovingStandby");
    expect(stateWith({ declared: ["m-1"] })).toBe("RemovingStandby");
  });

  it.each<[string, readonly HaMember[]]>([
    ["a standby is copied", [leader, second, { ...third, role: "replica", state: "creating replica" }]],
    ["no standby is there", [leader]],
  ])("is Initializing when %s", (_what, members) => {
    expect(stateWith({ members })).toBe("Initializing");
  });

  it.each<[string, readonly HaMember[]]>([
    ["a standby does not stream yet", [leader, second, { ...third, state: "in archive recovery" }]],
    ["the only standby is down", [leader, { ...second, role: "replica", state: "start failed" }]],
    ["no standby is synchronous yet", [leader, { ...second, role: "replica" }]],
    ["an asynchronous one is far behind", [leader, second, { ...third, role: "replica", lagBytes: 2 ** 21 }]],
  ])("is ReplicatingData when %s", (_what, members) => {
    expect(stateWith({ members })).toBe("ReplicatingData");
  });

  it("is Healthy without one of two standbys: what is lost is said beside it", () => {
    expect(stateWith({ members: [leader, second] })).toBe("Healthy");
    expect(stateWith({ members: [leader, second, { ...third, state: "stopped" }] })).toBe("Healthy");
  });

  it("does not mind how far behind a synchronous standby replays", () => {
    expect(stateWith({ members: [leader, { ...second, lagBytes: 2 ** 30 }, third] })).toBe("Healthy");
  });
});

const member: fc.Arbitrary<HaMember> = fc.record({
  name: fc.constantFrom("m-1", "m-2", "m-3", "m-4"),
  role: fc.constantFrom("leader", "standby_leader", "sync_standby", "quorum_standby", "replica"),
  state: fc.constantFrom("running", "streaming", "creating replica", "starting", "stopped", "start failed"),
  lagBytes: fc.option(fc.nat(2 ** 22), { nil: undefined }),
  isPrimary: fc.option(fc.boolean(), { nil: undefined }),
});

const facts: fc.Arbitrary<HaFacts> = fc.record({
  declared: fc.subarray(["m-1", "m-2", "m-3"], { minLength: 1 }),
  synchronousStandbys: fc.nat(2),
  members: fc.uniqueArray(member, { selector: ({ name }) => name, maxLength: 4 }),
});

describe("whatever is seen", () => {
  it("the order of the members does not matter", () => {
    fc.assert(
      fc.property(facts, (seen) => {
        const reversed = { ...seen, members: seen.members.toReversed() };
        expect(haStateOf(reversed)).toBe(haStateOf(seen));
      }),
    );
  });

  it("Healthy means one running leader, a streaming standby and nobody who is not declared", () => {
    fc.assert(
      fc.property(facts, (seen) => {
        if (haStateOf(seen) !== "Healthy") return;
        const leaders = seen.members.filter(({ role }) => role === "leader" || role === "standby_leader");
        expect(leaders.map(({ state }) => state)).toEqual(["running"]);
        expect(seen.members.some(({ state }) => state === "streaming")).toBe(true);
        expect(seen.members.every(({ name }) => seen.declared.includes(name))).toBe(true);
      }),
    );
  });

  it("without a leader, nothing that has a standby is steady", () => {
    fc.assert(
      fc.property(facts, (seen) => {
        const members = seen.members.filter(({ role }) => role !== "leader" && role !== "standby_leader");
        const state = haStateOf({ ...seen, members });
        const single = seen.declared.length === 1 && members.every(({ name }) => name === seen.declared[0]);
        expect(state).toBe(single ? "NotEnabled" : "FailingOver");
        expect(isSteady(state)).toBe(single);
      }),
    );
  });

  it("a member more that is not declared is never taken for health", () => {
    fc.assert(
      fc.property(facts, (seen) => {
        const stranger: HaMember = { ...second, name: "stranger" };
        const state = haStateOf({ ...seen, members: [...seen.members, stranger] });
        expect(["RemovingStandby", "FailingOver"]).toContain(state);
      }),
    );
  });
});
