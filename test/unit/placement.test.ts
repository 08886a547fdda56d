import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planAws } from "../../cluster/aws/plan-aws.ts";
import { type ClusterPlan, type ClusterSpec, planCluster } from "../../cluster/index.ts";
import { spread, synchronousMembers, type ZoneShare } from "../../cluster/placement/placement.ts";
import { sitesOf } from "../../cluster/placement/sites.ts";
import {
  type CommitRule,
  survivesAnyZone,
  type Writes,
  zoneLosses,
} from "../../cluster/placement/zone-loss.ts";
import { zoneSentences } from "../../cluster/placement/zone-sentences.ts";
import { readSpec } from "../../cluster/schema/spec.ts";
import { onAws } from "./aws-specifications.ts";
import { afterLosing, moments } from "./patroni-model.ts";
import { overZones } from "./zone-specifications.ts";

const names = ["a", "b", "c", "d", "e"];
const zonesOf = (count: number) => names.slice(0, count).map((name) => ({ name }));
const quorum: CommitRule = { mode: "quorum", count: 1, durability: "preferred" };

const rules: readonly CommitRule[] = (["off", "on", "quorum"] as const).flatMap((mode) =>
  [1, 2, 3].flatMap((count) =>
    (["preferred", "required"] as const).map((durability) => ({ mode, count, durability })),
  ),
);

describe("the spread over zones", () => {
  it("puts members into the zones with data and a voter with the witness", () => {
    const zones = [...zonesOf(2), { name: "w", witness: true }];
    expect(spread({ zones, members: 3, voters: 3 })).toEqual([
      { zone: "a", members: [1, 3], voters: [1] },
      { zone: "b", members: [2], voters: [2] },
      { zone: "w", members: [], voters: [3] },
    ]);
  });

  it("is even and whole", () => {
    const sizes = fc.record({
      zones: fc.integer({ min: 1, max: 5 }),
      members: fc.integer({ min: 1, max: 9 }),
      voters: fc.constantFrom(1, 3, 5, 7),
    });
    fc.assert(
      fc.property(sizes, ({ zones, members, voters }) => {
        const shares = spread({ zones: zonesOf(zones), members, voters });
        for (const [part, count] of [["members", members] as const, ["voters", voters] as const]) {
          const each = shares.map((share) => share[part]);
          expect(each.flat().toSorted()).toEqual(Array.from({ length: count }, (_, index) => index + 1));
          const lengths = each.map(({ length }) => length);
          expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
        }
        expect(shares[0]?.members[0]).toBe(1);
      }),
    );
  });

  it("leaves quorum whichever of three or more zones is lost, from three voters on", () => {
    for (const zones of [3, 4, 5]) {
      for (const voters of [3, 5, 7]) {
        const shares = spread({ zones: zonesOf(zones), members: zones, voters });
        const losses = zoneLosses(shares, quorum);
        expect(losses.map(({ writes }) => writes)).toEqual(losses.map((): Writes => "go on"));
      }
    }
  });

  it("has one member a zone take part in synchronous commit, and all of them in a single zone", () => {
    expect(synchronousMembers(spread({ zones: zonesOf(3), members: 5, voters: 3 }))).toEqual([1, 2, 3]);
    expect(synchronousMembers(spread({ zones: zonesOf(1), members: 3, voters: 3 }))).toEqual([1, 2, 3]);
  });
});

describe("what the plan says of a lost zone", () => {
  it("names the zone whose loss stops writes, and why", () => {
    expect(zoneLosses(spread({ zones: zonesOf(2), members: 3, voters: 3 }), quorum)).toEqual([
      { zone: "a", writes: "stop", because: "2 of 3 voters stand in it" },
      { zone: "b", writes: "go on", because: undefined },
    ]);
  });

  it.each<[number, number, CommitRule, readonly string[]]>([
    [3, 3, quorum, ["any one of three zones"]],
    [2, 3, quorum, ["the loss of zone b", "not the loss of zone a: 2 of 3 voters stand in it"]],
    [1, 3, quorum, ["not the loss of zone a: 3 of 3 voters stand in it"]],
    [
      3,
      3,
      { mode: "off", count: 1, durability: "preferred" },
      ["any one of three zones, though the last commits may be lost"],
    ],
  ])("is told for %i zones and %i members with %j", (zones, members, commit, sentences) => {
    const shares = spread({ zones: zonesOf(zones), members, voters: 3 });
    expect(zoneSentences(zoneLosses(shares, commit))).toEqual(sentences);
  });

  it("is that no zone can be lost when one holds everything, or both are needed", () => {
    const single = spread({ zones: zonesOf(1), members: 3, voters: 3 });
    expect(survivesAnyZone(zoneLosses(single, quorum), single)).toBe(false);
    const both = spread({ zones: zonesOf(2), members: 2, voters: 3 });
    expect(survivesAnyZone(zoneLosses(both, quorum), both)).toBe(true);
    const required = { ...quorum, durability: "required" } as const;
    expect(survivesAnyZone(zoneLosses(both, required), both)).toBe(false);
  });

  it.each([
    ["with one member a zone taking part", 9, synchronousMembers],
    [
      "with all members taking part",
      6,
      (shares: readonly ZoneShare[]) => shares.flatMap(({ members }) => members),
    ],
  ])(
    "is what Patroni does, for all placements in 1–5 zones, %s, of up to %i members",
    (_title, most, eligibleOf) => {
      let compared = 0;
      for (const shares of allPlacements(most)) {
        for (const commit of rules) {
          const eligible = eligibleOf(shares);
          // A single member with synchronous commit is refused: nothing could ever be written.
          if (eligible.length === 1 && commit.mode !== "off") continue;
          const all = moments(shares, commit, eligible);
          for (const { zone, writes } of zoneLosses(shares, commit, eligible)) {
            const seen = new Set(all.map((moment) => afterLosing(zone, moment)));
            compared += 1;
            if (worstOf(seen) !== writes) {
              expect({ shares, commit, zone, writes }).toEqual({
                shares,
                commit,
                zone,
                writes: worstOf(seen),
              });
            }
          }
        }
      }
      expect(compared).toBeGreaterThan(10_000);
    },
  );
});

describe("what a plan promises of each zone that it stands in", () => {
  it.each([
    ["Docker", onDocker, ["ab", "abw", "abc", "abcw", "abcd", "abcde"], sitesOf],
    // There a zone is a letter up to h, and a made network has room for four.
    ["AWS", onMachines, ["ab", "abh", "abc", "abch", "abcd"], (spec: ClusterSpec) => planAws(spec).sites],
  ] as const)(
    "on %s is what Patroni does there, whichever zones cannot be had",
    (_platform, form, zones, sites) => {
      let compared = 0;
      let fallen = 0;
      fc.assert(
        fc.property(specifications(zones, form), (spec) => {
          const plan = planCluster(spec);
          const seen = lossesByTheModel(plan, spec);
          const told = zoneLosses(sites(spec).shares, spec.synchronous);
          expect(told.map(({ zone, writes }) => ({ zone, writes }))).toEqual(seen);
          for (const sentence of promised(seen)) expect(plan.survives).toContain(sentence);
          for (const { zone, writes } of seen) {
            const denied = plan.survives.some((one) => one.startsWith(`not the loss of zone ${zone}: `));
            expect(denied).toBe(writes === "stop");
          }
          compared += seen.length;
          if (spec.placement.zones.some(({ available }) => !available)) fallen += 1;
        }),
        { numRuns: 400 },
      );
      expect(compared).toBeGreaterThan(500);
      expect(fallen).toBeGreaterThan(50);
    },
  );
});

/** A specification over zones, of each of which something may be written. */
type Form = (zones: string, change: Readonly<Record<string, object>>) => object;

const onDocker: Form = (zones, change) => {
  return { name: "dev", ...overZones(zones, change, { fallbackToSameZone: true }) };
};

/** With all that is beside members and voters there, which no promise may depend on. */
const onMachines: Form = (zones, change) => {
  const placed = [...zones].map((name) => ({ name, ...change[name] }));
  const placement = { mode: "cross-zone" as const, zones: placed, fallbackToSameZone: true };
  const replicas = [{ name: "reports" }, { name: "late", zone: "b", applyDelay: "1h" }];
  return onAws(zones, { placement, replicas, endpoint: { pooled: true } });
};

/** Over two to five zones, some of which may be witnesses or not to be had, that are accepted. */
function specifications(choices: readonly string[], form: Form): fc.Arbitrary<ClusterSpec> {
  return fc
    .record({
      zones: fc.constantFrom(...choices),
      gone: fc.subarray([..."abcdehw"], { maxLength: 3 }),
      members: fc.integer({ min: 2, max: 9 }),
      voters: fc.constantFrom(3, 5),
      synchronous: fc.constantFrom(...rules),
    })
    .chain(({ zones, gone, voters, ...sizes }) => {
      const change = Object.fromEntries(
        [...zones].map((name) => [name, { available: !gone.includes(name), witness: /[hw]/.test(name) }]),
      );
      const read = readSpec({ ...form(zones, change), ...sizes, etcd: { voters } });
      return fc.constant(read.issues.length === 0 ? read.spec : undefined);
    })
    .filter((spec) => spec !== undefined);
}

/** From the parts of the plan alone: where each stands, and how it is tagged. */
function lossesByTheModel(
  { members, voters }: ClusterPlan,
  { synchronous }: ClusterSpec,
): readonly { readonly zone: string; readonly writes: Writes }[] {
  const parts = [...members, ...voters];
  const held = [...new Set(parts.map(({ zone }) => zone))].sort();
  const shares = held.map((zone) => ({
    zone,
    members: members.filter((member) => member.zone === zone).map(({ index }) => index),
    voters: voters.flatMap((voter, place) => (voter.zone === zone ? [place + 1] : [])),
  }));
  const eligible = members.filter((member) => member.synchronous).map(({ index }) => index);
  const all = moments(shares, synchronous, eligible);
  return held.map((zone) => ({
    zone,
    writes: worstOf(new Set(all.map((moment) => afterLosing(zone, moment)))),
  }));
}

function promised(losses: readonly { readonly zone: string; readonly writes: Writes }[]): readonly string[] {
  const going = losses.filter(({ writes }) => writes !== "stop");
  if (going.length === 0) return [];
  const words = ["no", "one", "two", "three", "four", "five"][losses.length];
  const which =
    going.length === losses.length
      ? `any one of ${words} zones`
      : `the loss of zone ${going.map(({ zone }) => zone).join(" or zone ")}`;
  const loses = going.some(({ writes }) => writes === "go on with loss");
  return [loses ? `${which}, though the last commits may be lost` : which];
}

/** Without synchronous commit, to go on with a loss is the worst of what goes on. */
function worstOf(seen: ReadonlySet<Writes>): Writes {
  if (seen.has("stop")) return "stop";
  return seen.has("go on with loss") ? "go on with loss" : "go on";
}

/** As many members as there are in each of the zones, in every way; voters go round. */
function* allPlacements(most: number): Generator<readonly ZoneShare[]> {
  for (let zones = 1; zones <= 5; zones += 1) {
    const voting = spread({ zones: zonesOf(zones), members: 1, voters: 3 });
    for (let members = 1; members <= most; members += 1) {
      for (const counts of waysToSplit(members, zones)) {
        let next = 1;
        yield voting.map(({ zone, voters }, place) => {
          const here = Array.from({ length: counts[place] ?? 0 }, () => next++);
          return { zone, voters, members: here };
        });
      }
    }
  }
}

function waysToSplit(total: number, parts: number): readonly (readonly number[])[] {
  if (parts === 1) return [[total]];
  return Array.from({ length: total + 1 }, (_, first) => first).flatMap((first) =>
    waysToSplit(total - first, parts - 1).map((rest) => [first, ...rest]),
  );
}
