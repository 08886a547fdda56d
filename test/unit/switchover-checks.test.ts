import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeLoss, lossWhenKilled, lossWhenPromoted } from "../../cluster/running/data-loss.ts";
import { checkFailover, type FailoverObservation } from "../../cluster/running/failover-checks.ts";
import { lsnInWords } from "../../cluster/running/lsn.ts";
import {
  checkSwitchover,
  isSynchronous,
  type ObservedMember,
  type RoleObservation,
  synchronousUnder,
} from "../../cluster/running/switchover-checks.ts";
import { bytesInWords } from "../../cluster/schema/byte-words.ts";

const MIB = 1024 * 1024;

const standby = (name: string, change: Partial<ObservedMember> = {}): ObservedMember => ({
  ...{ name, role: "quorum_standby", state: "streaming", lagBytes: 0, timeline: 3 },
  ...change,
});
const leader = standby("dev-1", { role: "leader", state: "running" });

const seen = (change: Partial<FailoverObservation> = {}): FailoverObservation => ({
  members: [leader, standby("dev-2"), standby("dev-3")],
  paused: false,
  synchronousMode: "quorum",
  maximumLagBytes: MIB,
  silent: [],
  ...change,
});

const against = (change: Partial<ObservedMember>, wish = { to: "dev-3" }) =>
  checkSwitchover(seen({ members: [leader, standby("dev-2"), standby("dev-3", change)] }), wish);

describe("a switchover", () => {
  it("goes to the synchronous standby that is behind the least", () => {
    const members = [
      leader,
      standby("dev-2", { role: "replica" }),
      standby("dev-3", { lagBytes: 2000 }),
      standby("dev-4", { lagBytes: 1000 }),
    ];
    expect(checkSwitchover(seen({ members }), {})).toMatchObject({
      kind: "go",
      candidate: { name: "dev-4" },
    });
    const off = checkSwitchover(seen({ members, synchronousMode: "off" }), {});
    expect(off).toMatchObject({ kind: "go", candidate: { name: "dev-4" } });
    const asked = checkSwitchover(seen({ members, synchronousMode: "off" }), { to: "dev-2" });
    expect(asked).toMatchObject({ kind: "go", leader: "dev-1", candidate: { name: "dev-2" } });
  });

  it("is done already when the one asked for leads, paused or not", () => {
    const already = { kind: "already", leader: "dev-1" };
    expect(checkSwitchover(seen({ paused: true }), { to: "dev-1" })).toEqual(already);
  });

  it("is refused with all that stands in the way, and with what to do", () => {
    expect(against({ lagBytes: 48 * MIB, role: "replica" })).toEqual({
      kind: "refused",
      reasons: ["dev-3 is 48 MB behind (limit 1 MB) and not synchronous"],
      remedy: "Try `--to dev-2`, or wait: `spiloctl status --watch`.",
    });
  });

  it.each<[string, Partial<ObservedMember>, string]>([
    ["does not run", { state: "stopped" }, "dev-3 does not stream from dev-1 (stopped)"],
    ["runs and does not stream", { state: "running" }, "dev-3 does not stream from dev-1 (running)"],
    ["is a byte too far behind", { lagBytes: MIB + 1 }, "dev-3 is 1 MB behind (limit 1 MB)"],
    ["is not synchronous", { role: "replica" }, "dev-3 is not synchronous"],
    ["is tagged", { nofailover: true }, "dev-3 is tagged nofailover"],
    ["is on another timeline", { timeline: 2 }, "dev-3 is on timeline 2, and the leader on 3"],
  ])("is refused to one that %s", (_what, change, reason) => {
    expect(against(change)).toMatchObject({ kind: "refused", reasons: [reason] });
  });

  it("is refused to one of which nobody knows how far it is", () => {
    const { lagBytes: _, ...unknown } = standby("dev-3");
    const decision = checkSwitchover(seen({ members: [leader, unknown] }), {});
    expect(decision).toMatchObject({ reasons: ["dev-3 is behind by nobody knows how much"] });
  });

  it("may be as far behind as the limit, and on any timeline where nobody knows which", () => {
    expect(against({ lagBytes: MIB }).kind).toBe("go");
    const { timeline: _, ...without } = standby("dev-3");
    expect(checkSwitchover(seen({ members: [leader, without] }), {}).kind).toBe("go");
  });

  it.each<[string, Partial<RoleObservation>, { to?: string }, string, string]>([
    ["nobody leads", { members: [standby("dev-2")] }, {}, "no member leads", "failover --force"],
    ["Patroni is paused", { paused: true }, {}, "Patroni is paused", "spiloctl resume"],
    [
      "another is scheduled",
      { scheduled: { at: "2030-01-01T00:00:00Z", to: "dev-2" } },
      {},
      "2030-01-01T00:00:00Z, to dev-2",
      "--cancel",
    ],
    [
      "nobody has that name",
      {},
      { to: "dev-9" },
      "dev-9 is no member of this cluster (dev-1, dev-2, dev-3)",
      "Name one",
    ],
    ["there is nobody else", { members: [leader] }, {}, "there is no other member", "Wait"],
    [
      "the leader does not run",
      { members: [{ ...leader, state: "stopped" }, standby("dev-2")] },
      {},
      "dev-1 leads, but is stopped",
      "Wait",
    ],
    [
      "it follows another cluster",
      { members: [{ ...leader, role: "standby_leader" }, standby("dev-2")] },
      {},
      "follows another cluster",
      "Wait",
    ],
  ])("is refused when %s", (_what, change, wish, reason, remedy) => {
    const decision = checkSwitchover(seen(change), wish);
    expect(decision).toMatchObject({
      kind: "refused",
      reasons: expect.arrayContaining([expect.stringContaining(reason)]),
      remedy: expect.stringContaining(remedy),
    });
  });

  it("names the candidate's reasons beside the cluster's", () => {
    const members = [leader, standby("dev-2", { role: "replica" })];
    expect(checkSwitchover(seen({ members, paused: true }), { to: "dev-2" })).toMatchObject({
      reasons: ["Patroni is paused, and leaves the roles alone", "dev-2 is not synchronous"],
    });
  });

  it("of later minds only what lasts", () => {
    const late = { lagBytes: 48 * MIB, role: "replica", state: "stopped" };
    const later = { to: "dev-3", later: true };
    expect(against(late, later).kind).toBe("go");
    expect(against({ ...late, nofailover: true }, later)).toMatchObject({
      reasons: ["dev-3 is tagged nofailover"],
    });
    expect(checkSwitchover(seen({ paused: true }), later).kind).toBe("refused");
  });
});

const anyMember = fc.record(
  {
    name: fc.constantFrom("dev-1", "dev-2", "dev-3", "dev-4"),
    role: fc.constantFrom("leader", "replica", "sync_standby", "quorum_standby"),
    state: fc.constantFrom("running", "streaming", "stopped", "does not answer"),
    lagBytes: fc.integer({ min: 0, max: 2 * MIB }),
    timeline: fc.integer({ min: 1, max: 3 }),
    nofailover: fc.boolean(),
  },
  { requiredKeys: ["name", "role", "state"] },
);
const anyObservation: fc.Arbitrary<RoleObservation> = fc.record({
  members: fc.uniqueArray(anyMember, { selector: ({ name }) => name, maxLength: 4 }),
  paused: fc.boolean(),
  synchronousMode: fc.constantFrom("off" as const, "on" as const, "quorum" as const),
  maximumLagBytes: fc.constant(MIB),
});
const anyWish = fc.record({ to: fc.constantFrom("dev-1", "dev-2", "dev-9") }, { requiredKeys: [] });

describe("whatever is seen", () => {
  it("a switchover goes to a fit member alone, the best there is, and to the one that was asked for", () => {
    fc.assert(
      fc.property(anyObservation, anyWish, (observation, wish) => {
        const decision = checkSwitchover(observation, wish);
        if (decision.kind !== "go") return;
        const { candidate } = decision;
        const { members, synchronousMode } = observation;
        expect(observation.paused).toBe(false);
        expect(members).toContain(candidate);
        expect(candidate.name).not.toBe(decision.leader);
        expect([undefined, candidate.name]).toContain(wish.to);
        expect(candidate).toMatchObject({ state: "streaming" });
        expect(candidate.nofailover ?? false).toBe(false);
        expect(candidate.lagBytes).toBeLessThanOrEqual(MIB);
        expect(synchronousMode === "off" || isSynchronous(candidate)).toBe(true);
      }),
    );
  });

  it("a refusal has a reason and a remedy", () => {
    fc.assert(
      fc.property(anyObservation, anyWish, (observation, wish) => {
        const decision = checkSwitchover(observation, wish);
        if (decision.kind !== "refused") return;
        expect(decision.reasons.length).toBeGreaterThan(0);
        expect(decision.reasons.every((reason) => reason !== "")).toBe(true);
        expect(decision.remedy).toMatch(/\.$/);
      }),
    );
  });

  it("nothing is called safe that may lack an acknowledged commit", () => {
    // What a standby has, counted in commits; a commit of a quorum is acknowledged when any one has it.
    const world = fc.record({
      has: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }),
      silent: fc.integer({ min: 0, max: 3 }),
      promoted: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(world, ({ has, silent, promoted }) => {
        const acknowledged = Math.max(...has);
        // Lag is counted from the most that anybody who answers has.
        const known = Math.max(...has.filter((_, index) => index !== silent));
        const members = has.map((commits, index) => {
          const { lagBytes: _, ...unknown } = standby(`dev-${index + 2}`);
          return index === silent ? unknown : { ...unknown, lagBytes: known - commits };
        });
        const candidate = members[promoted];
        if (candidate === undefined) return;
        const loss = lossWhenPromoted(
          { members: [leader, ...members], synchronousMode: "quorum" },
          candidate,
        );
        if (loss.kind === "none") expect(has[promoted]).toBe(acknowledged);
      }),
    );
  });
});

describe("who is synchronous when another one leads", () => {
  const standby = (name: string) => ({ name, role: "quorum_standby", state: "streaming" });
  const leader = { name: "m-6", role: "leader", state: "running" };

  it("are as many as before, as the former leader takes the place of the new one", () => {
    expect(synchronousUnder("m-1", [leader, standby("m-1"), standby("m-2")])).toBe(2);
  });

  it("is one less when a member leads that no commit may wait for: it is none of them afterwards", () => {
    expect(synchronousUnder("m-1", [{ ...leader, nosync: true }, standby("m-1"), standby("m-2")])).toBe(1);
  });
});

describe("what may be lost", () => {
  const [sync, replica] = [
    standby("dev-2", { role: "sync_standby" }),
    standby("dev-3", { role: "replica", lagBytes: 900 }),
  ];
  const of = (synchronousMode: RoleObservation["synchronousMode"], members = [leader, sync, replica]) => ({
    members,
    synchronousMode,
  });

  it("is nothing when the one that a commit waits for takes over", () => {
    expect(lossWhenPromoted(of("on"), sync)).toEqual({
      kind: "none",
      because: "every commit waited for dev-2",
    });
    expect(lossWhenKilled(of("on")).kind).toBe("none");
    expect(lossWhenKilled(of("quorum", [...seen().members])).kind).toBe("none");
  });

  it("is up to the lag when anybody else does", () => {
    const loss = lossWhenPromoted(of("on"), replica);
    expect(loss).toEqual({ kind: "possible", because: "dev-3 is not synchronous", upToBytes: 900 });
    expect(describeLoss(loss)).toBe(
      "up to 900 B of WAL at the last look, and whatever was written since (dev-3 is not synchronous)",
    );
  });

  it("may be anything without synchronous commit, also where nothing is behind", () => {
    expect(lossWhenPromoted(of("off"), { ...replica, lagBytes: 0 })).toMatchObject({
      kind: "possible",
      upToBytes: 0,
    });
    expect(lossWhenKilled(of("off"))).toMatchObject({ kind: "possible" });
    expect(lossWhenKilled(of("on", [leader, replica]))).toMatchObject({
      because: "no standby is synchronous now",
    });
  });

  it("of a quorum is nothing for the one that has the most, when all are seen", () => {
    const members = [leader, standby("dev-2", { lagBytes: 10 }), standby("dev-3")];
    const [, behind = leader, ahead = leader] = members;
    expect(lossWhenPromoted(of("quorum", members), ahead).kind).toBe("none");
    expect(lossWhenPromoted(of("quorum", members), behind)).toMatchObject({
      because: "dev-3 has more than dev-2",
    });
  });
});

describe("a failover", () => {
  it("is a drill when the leader is well, and Patroni chooses then", () => {
    expect(checkFailover(seen(), {})).toEqual({ kind: "drill", leader: "dev-1" });
    expect(checkFailover(seen(), { to: "dev-2" })).toMatchObject({
      reasons: [expect.stringContaining("not --to dev-2")],
    });
  });

  it.each<[string, Partial<FailoverObservation>, string]>([
    ["in a pause", { paused: true }, "nobody would take over"],
    ["with no standby", { members: [leader] }, "no standby streams from dev-1"],
    [
      "with one that may never lead",
      { members: [leader, standby("dev-2", { nofailover: true })] },
      "no standby streams",
    ],
  ])("is no drill %s", (_what, change, reason) => {
    const decision = checkFailover(seen(change), {});
    expect(decision).toMatchObject({ kind: "refused", reasons: [expect.stringContaining(reason)] });
  });

  it("replaces a leader that does not answer, or a missing one, by the fittest", () => {
    const running = [
      standby("dev-2", { state: "running", lagBytes: 5 }),
      standby("dev-3", { state: "running" }),
    ];
    const replaced = { kind: "replace", candidate: { name: "dev-3" } };
    expect(checkFailover(seen({ members: [leader, ...running], silent: ["dev-1"] }), {})).toMatchObject({
      ...replaced,
      leader: "dev-1",
    });
    expect(checkFailover(seen({ members: running }), {})).toMatchObject(replaced);
    expect(checkFailover(seen({ members: running, paused: true }), { to: "dev-2" })).toMatchObject({
      candidate: { name: "dev-2" },
    });
  });

  it("is refused when nobody can take over, each with its reason", () => {
    const members = [leader, standby("dev-2"), standby("dev-3", { state: "stopped" })];
    const silent = ["dev-1", "dev-2"];
    expect(checkFailover(seen({ members, silent }), {})).toMatchObject({
      reasons: ["dev-2 does not answer", "dev-3 is stopped"],
    });
    expect(checkFailover(seen({ silent }), { to: "dev-1" })).toMatchObject({
      reasons: ["dev-1 is the leader that is lost"],
    });
    expect(checkFailover(seen({ silent }), { to: "dev-9" })).toMatchObject({
      reasons: ["dev-9 is no member of this cluster (dev-1, dev-2, dev-3)"],
    });
  });
});

describe("words", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 kB"],
    [1536, "1.5 kB"],
    [MIB - 1, "1 MB"],
    [48 * MIB, "48 MB"],
    [5 * 1024 ** 4, "5 TB"],
    [5000 * 1024 ** 4, "5000 TB"],
  ])("%d bytes are %s", (bytes, words) => {
    expect(bytesInWords(bytes)).toBe(words);
  });

  it.each([
    [0, "0/0"],
    [0x35290b60, "0/35290B60"],
    [2 ** 32 + 16, "1/10"],
  ])("the position %d is %s", (bytes, words) => {
    expect(lsnInWords(bytes)).toBe(words);
  });
});
