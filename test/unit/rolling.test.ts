import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rollingOrder, successorOf, whyNotInService } from "../../cluster/running/rolling.ts";
import type { ObservedMember } from "../../cluster/running/switchover-checks.ts";

const MIB = 1024 * 1024;

const standby = (name: string, change: Partial<ObservedMember> = {}): ObservedMember => ({
  ...{ name, role: "quorum_standby", state: "streaming", lagBytes: 0, timeline: 3 },
  ...change,
});
const leading = (name: string): ObservedMember => standby(name, { role: "leader", state: "running" });
const seen = (...members: readonly ObservedMember[]) => ({ members, maximumLagBytes: MIB });

describe("the order in which members are taken", () => {
  const planned = ["dev-1", "dev-2", "dev-3"];

  it("is that of their numbers, with whoever leads at the end", () => {
    expect(rollingOrder(planned, seen(leading("dev-1"), standby("dev-2"), standby("dev-3")))).toEqual([
      "dev-2",
      "dev-3",
      "dev-1",
    ]);
    expect(rollingOrder(planned, seen(standby("dev-1"), leading("dev-2"), standby("dev-3")))).toEqual([
      "dev-1",
      "dev-3",
      "dev-2",
    ]);
  });

  it.each<[string, Partial<ObservedMember>]>([
    ["does not run", { state: "stopped" }],
    ["is on another timeline", { timeline: 2 }],
    ["lags", { lagBytes: 2 * MIB }],
  ])("begins with one that %s", (_title, how) => {
    const order = rollingOrder(planned, seen(leading("dev-1"), standby("dev-2"), standby("dev-3", how)));
    expect(order).toEqual(["dev-3", "dev-2", "dev-1"]);
  });

  it("begins with those that nobody has seen", () => {
    expect(rollingOrder(planned, seen(leading("dev-1"), standby("dev-2")))).toEqual([
      "dev-3",
      "dev-2",
      "dev-1",
    ]);
  });

  it("has each of them once, and the leader last, whatever was seen", () => {
    const state = fc.constantFrom("streaming", "stopped", "in archive recovery");
    const states = fc.array(state, { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(states, fc.nat(), (all, at) => {
        const names = all.map((_, index) => `dev-${index + 1}`);
        const leader = names[at % names.length] ?? "";
        const members = names.map((name, index) =>
          name === leader ? leading(name) : standby(name, { state: all[index] ?? "" }),
        );
        const order = rollingOrder(names, seen(...members));
        expect(order.toSorted()).toEqual(names.toSorted());
        expect(order.at(-1)).toBe(leader);
      }),
    );
  });
});

describe("whether a member takes part", () => {
  it.each<[string, readonly ObservedMember[], string | undefined]>([
    ["leads", [leading("dev-2")], undefined],
    ["streams", [leading("dev-1"), standby("dev-2")], undefined],
    ["is not there", [leading("dev-1")], "dev-2 is not in the cluster"],
    [
      "has nobody to follow",
      [standby("dev-2", { state: "running" })],
      "dev-2 is running, and no member leads",
    ],
    [
      "leads and starts",
      [standby("dev-2", { role: "leader", state: "starting" })],
      "dev-2 leads, but is starting",
    ],
    [
      "reads the archive",
      [leading("dev-1"), standby("dev-2", { state: "in archive recovery" })],
      "dev-2 does not stream from dev-1 (in archive recovery)",
    ],
    [
      "is on an old timeline",
      [leading("dev-1"), standby("dev-2", { timeline: 2 })],
      "dev-2 is on timeline 2, and dev-1 on 3",
    ],
    [
      "lags",
      [leading("dev-1"), standby("dev-2", { lagBytes: 48 * MIB })],
      "dev-2 is 48 MB behind (limit 1 MB)",
    ],
  ])("one that %s", (_title, members, reason) => {
    expect(whyNotInService(seen(...members), "dev-2")).toBe(reason);
  });
});

describe("who leads next", () => {
  const members = [
    leading("dev-1"),
    standby("dev-2", { role: "replica" }),
    standby("dev-3"),
    standby("dev-4"),
  ];
  const names = members.map(({ name }) => name);

  it("is a synchronous one, when none is renewed yet", () => {
    expect(successorOf({ members }, names, new Set())?.name).toBe("dev-3");
  });

  it("is one that is renewed, so that the leadership moves but once", () => {
    expect(successorOf({ members }, names, new Set(["dev-4"]))?.name).toBe("dev-4");
    expect(successorOf({ members }, names, new Set(["dev-2"]))?.name).toBe("dev-2");
  });

  it("is one of those that may, and never the leader itself or one that is to lead never", () => {
    expect(successorOf({ members }, ["dev-1", "dev-2"], new Set(["dev-4"]))?.name).toBe("dev-2");
    const tagged = [leading("dev-1"), standby("dev-2", { nofailover: true })];
    expect(successorOf({ members: tagged }, ["dev-1", "dev-2"], new Set())).toBeUndefined();
  });
});
