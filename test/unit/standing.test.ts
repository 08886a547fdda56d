import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spread } from "../../cluster/placement/placement.ts";
import { type StandingOptions, standing, standingMode } from "../../cluster/placement/standing.ts";

describe("where parts stand", () => {
  const away = { available: false };
  const three = (change: object, members = 3): StandingOptions => ({
    zones: ["a", "b", "c"].map((name) => ({ name, ...(name in change ? away : {}) })),
    members,
    voters: 3,
  });

  it("is where they belong while every zone can be had, so also when one is back", () => {
    fc.assert(
      fc.property(placements(), (options) => {
        expect(standing(allThere(options))).toEqual(spread(options));
      }),
    );
  });

  it("is, for those whose zone cannot be had, where the fewest of their kind are", () => {
    expect(standing(three({ b: true }, 5))).toEqual([
      { zone: "a", members: [1, 4], voters: [1, 2] },
      { zone: "c", members: [3, 2, 5], voters: [3] },
    ]);
    expect(standing(three({ a: true, b: true }))).toEqual([
      { zone: "c", members: [3, 1, 2], voters: [3, 1, 2] },
    ]);
  });

  it("is a zone that has no member yet, before one that has", () => {
    expect(standing(three({ a: true }, 2)).map(({ members }) => members)).toEqual([[2], [1]]);
  });

  it("is with the data, for a voter that may as well stand with the witness", () => {
    const zones = (lost: string) => [
      { name: "w", witness: true },
      ...["a", "b"].map((name) => ({ name, available: name !== lost })),
    ];
    expect(standing({ zones: zones("a"), members: 3, voters: 3 })).toEqual([
      { zone: "b", members: [2, 1, 3], voters: [2, 1] },
      { zone: "w", members: [], voters: [3] },
    ]);
    expect(standing({ zones: zones("b"), members: 3, voters: 3 })).toEqual([
      { zone: "a", members: [1, 3, 2], voters: [1, 2] },
      { zone: "w", members: [], voters: [3] },
    ]);
  });

  it("is several zones or one, whatever voters stand beside them", () => {
    expect(standingMode(standing(three({})))).toBe("cross-zone");
    expect(standingMode(standing(three({ b: true })))).toBe("cross-zone");
    expect(standingMode(standing(three({ a: true, b: true })))).toBe("zonal");
    expect(standingMode(standing(three({ a: true }, 1)))).toBe("zonal");
  });
});

describe("wherever parts stand", () => {
  it("none has moved whose zone can be had", () => {
    fc.assert(
      fc.property(placements(), (options) => {
        const now = places(options);
        for (const [part, zone] of places(allThere(options))) {
          if (there(options).includes(zone)) expect(now.get(part)).toBe(zone);
        }
      }),
    );
  });

  it("each stands once, in a zone that can be had, and members in none that is a witness", () => {
    fc.assert(
      fc.property(placements(), (options) => {
        const shares = standing(options);
        const witnesses = options.zones.filter(({ witness }) => witness).map(({ name }) => name);
        expect(shares.flatMap(({ members }) => members).toSorted(byNumber)).toEqual(upTo(options.members));
        expect(shares.flatMap(({ voters }) => voters).toSorted(byNumber)).toEqual(upTo(options.voters));
        expect(shares.map(({ zone }) => zone).toSorted()).toEqual(there(options).toSorted());
        for (const { zone, members } of shares) if (witnesses.includes(zone)) expect(members).toEqual([]);
      }),
    );
  });

  it("none moves when members are added or taken away", () => {
    fc.assert(
      fc.property(placements(), fc.integer({ min: 1, max: 9 }), (options, members) => {
        const now = places({ ...options, members });
        for (const [part, zone] of places(options)) {
          expect([zone, undefined]).toContain(now.get(part));
          if (part.startsWith("voter")) expect(now.get(part)).toBe(zone);
        }
      }),
    );
  });

  it("no others move when a zone is lost", () => {
    fc.assert(
      fc.property(placements(), fc.nat({ max: 4 }), (options, place) => {
        const whole = allThere(options);
        const lost = whole.zones[place % whole.zones.length]?.name;
        const zones = whole.zones.map((zone) => ({ ...zone, available: zone.name !== lost }));
        fc.pre(zones.some(({ available, witness }) => available && !witness));
        const after = places({ ...whole, zones });
        const moved = [...places(whole)].filter(([part, zone]) => after.get(part) !== zone);
        expect(moved.map(([, zone]) => zone)).toEqual(moved.map(() => lost));
      }),
    );
  });

  it("those that belong in a zone come first in it", () => {
    fc.assert(
      fc.property(placements(), (options) => {
        const homes = new Map(spread(options).map((share) => [share.zone, share]));
        for (const share of standing(options)) {
          const home = homes.get(share.zone);
          expect(share.members.slice(0, home?.members.length)).toEqual(home?.members);
          expect(share.voters.slice(0, home?.voters.length)).toEqual(home?.voters);
        }
      }),
    );
  });

  it("no zone with data has none while another has two more", () => {
    fc.assert(
      fc.property(placements(), (options) => {
        const data = options.zones.filter(({ name, witness }) => there(options).includes(name) && !witness);
        const counts = standing(options)
          .filter(({ zone }) => data.some(({ name }) => name === zone))
          .map(({ members }) => members.length);
        expect(Math.min(...counts) > 0 || Math.max(...counts) < 2).toBe(true);
      }),
    );
  });
});

/** One to five zones, some of which hold voters only or cannot be had; data can stand in one at least. */
function placements(): fc.Arbitrary<StandingOptions> {
  const zone = fc.record({ available: fc.boolean(), witness: fc.boolean() });
  return fc
    .record({
      zones: fc
        .array(zone, { minLength: 1, maxLength: 5 })
        .map((zones) => zones.map((one, place) => ({ name: `zone-${place}`, ...one }))),
      members: fc.integer({ min: 1, max: 9 }),
      voters: fc.constantFrom(1, 3, 5),
    })
    .filter(({ zones }) => zones.some(({ available, witness }) => available && !witness));
}

function allThere(options: StandingOptions): StandingOptions {
  return { ...options, zones: options.zones.map((zone) => ({ ...zone, available: true })) };
}

function there({ zones }: StandingOptions): readonly string[] {
  return zones.filter(({ available }) => available !== false).map(({ name }) => name);
}

/** `member 1` → its zone. */
function places(options: StandingOptions): ReadonlyMap<string, string> {
  const all = standing(options).flatMap(({ zone, members, voters }) => [
    ...members.map((index) => [`member ${index}`, zone] as const),
    ...voters.map((index) => [`voter ${index}`, zone] as const),
  ]);
  return new Map(all);
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, offset) => offset + 1);
}

function byNumber(left: number, right: number): number {
  return left - right;
}
