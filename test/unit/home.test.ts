import { describe, expect, it } from "vitest";
import { type HomeFacts, homeOf } from "../../cluster/running/home.ts";
import type { ObservedMember, RoleObservation } from "../../cluster/running/switchover-checks.ts";

/** Four members over three zones: the fourth may have no synchronous commits. */
const members: HomeFacts["members"] = [
  { name: "o-1-a", zone: "a", synchronous: true },
  { name: "o-2-b", zone: "b", synchronous: true },
  { name: "o-3-c", zone: "c", synchronous: true },
  { name: "o-4-a", zone: "a", synchronous: false },
];

function facts(primaryZone?: string, missing: readonly string[] = []): HomeFacts {
  const zones = ["a", "b", "c"].map((name) => ({ name, available: !missing.includes(name) }));
  return { members, placement: { primaryZone, zones } };
}

type Change = Partial<Record<string, Partial<ObservedMember> | null>>;

/** All is well, but for the changes; null: the cluster does not know it. */
function seen(leader: string, change: Change = {}): RoleObservation {
  const all = members.map(({ name, synchronous = true }): ObservedMember => {
    const role = name === leader ? "leader" : synchronous ? "quorum_standby" : "replica";
    const state = name === leader ? "running" : "streaming";
    return { name, role, state, lagBytes: 0, timeline: 3, ...change[name] };
  });
  return {
    members: all.filter(({ name }) => change[name] !== null),
    paused: false,
    synchronousMode: "quorum",
    maximumLagBytes: 1024 * 1024,
  };
}

describe("home, with a wish", () => {
  it("is the member of that zone that may have synchronous commits", () => {
    expect(homeOf(seen("o-2-b"), facts("a"))).toEqual({ kind: "go", to: "o-1-a" });
    expect(homeOf(seen("o-4-a"), facts("a"))).toEqual({ kind: "go", to: "o-1-a" });
    expect(homeOf(seen("o-4-a"), facts("c"))).toEqual({ kind: "go", to: "o-3-c" });
  });

  it("needs nothing when that one leads", () => {
    expect(homeOf(seen("o-1-a"), facts("a"))).toEqual({ kind: "already", leader: "o-1-a", zone: "a" });
  });

  it("is refused with the reason when its zone is not available", () => {
    expect(homeOf(seen("o-2-b"), facts("a", ["a"]))).toEqual({
      kind: "refused",
      reasons: ["zone a, where the primary belongs, is not available"],
      remedy: "When it is back: `spiloctl zones probe --write`, then `pulumi up`.",
    });
  });

  it("is refused when no member there may lead", () => {
    const others = members.filter(({ zone }) => zone !== "c");
    const decision = homeOf(seen("o-2-b", { "o-3-c": null }), { ...facts("c"), members: others });
    expect(decision).toMatchObject({
      reasons: ["zone c, where the primary belongs, has no member that may have synchronous commits"],
    });
  });

  it("is refused when its member is not there, not in step, or not well, and sends nobody elsewhere", () => {
    const reasons = (change: Change) => {
      const decision = homeOf(seen("o-2-b", change), facts("a"));
      return decision.kind === "refused" ? [...decision.reasons, decision.remedy].join(" | ") : decision.kind;
    };
    expect(reasons({ "o-1-a": null })).toMatch(/^o-1-a, where the primary belongs, is not in the cluster \|/);
    expect(reasons({ "o-1-a": { role: "replica" } })).toBe(
      "o-1-a is not synchronous | The primary belongs on o-1-a. Wait until a standby has caught up: `spiloctl status --watch`.",
    );
    expect(reasons({ "o-1-a": { state: "stopped" } })).toMatch(
      /^o-1-a does not stream from o-2-b \(stopped\)/,
    );
  });

  it("says how the zone promise is restored when a nosync member leads and the way home is barred", () => {
    const barred = homeOf(seen("o-4-a", { "o-2-b": { lagBytes: 4096 } }), facts("a", ["a"]));
    expect(barred).toMatchObject({
      remedy: expect.stringMatching(
        /Until then, `spiloctl switchover --to o-1-a` restores the zone promise\.$/,
      ),
    });
    const late = homeOf(seen("o-4-a", { "o-1-a": { state: "stopped" } }), facts("a"));
    expect(late).toMatchObject({ remedy: expect.stringContaining("`spiloctl switchover --to o-2-b`") });
  });

  it("is refused as any switchover is when nobody leads, and in a pause", () => {
    const without = { "o-1-a": { role: "replica" } };
    expect(homeOf(seen("nobody", without), facts("a"))).toMatchObject({
      reasons: expect.arrayContaining(["no member leads"]),
    });
    const paused = homeOf({ ...seen("o-2-b"), paused: true }, facts("a"));
    expect(paused).toMatchObject({
      reasons: ["Patroni is paused, and leaves the roles alone"],
      remedy: expect.stringContaining("`spiloctl resume`"),
    });
  });
});

describe("home, without a wish", () => {
  it("is wherever a member leads that may have synchronous commits", () => {
    expect(homeOf(seen("o-3-c"), facts())).toEqual({ kind: "already", leader: "o-3-c" });
    expect(homeOf(seen("o-3-c"), { members })).toEqual({ kind: "already", leader: "o-3-c" });
  });

  it("is the best of those, a synchronous standby first, when a nosync member leads", () => {
    const behind = { "o-1-a": { lagBytes: 8192 }, "o-2-b": { role: "replica" } };
    expect(homeOf(seen("o-4-a", behind), facts())).toEqual({ kind: "go", to: "o-3-c" });
  });

  it("is any member of a stack of an earlier version", () => {
    const former = members.map(({ name }) => ({ name }));
    expect(homeOf(seen("o-4-a"), { members: former })).toEqual({ kind: "already", leader: "o-4-a" });
  });
});
