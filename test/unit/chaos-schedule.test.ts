import fc from "fast-check";
import { expect, it } from "vitest";
import { dice } from "../live/chaos/dice.ts";
import { faultKinds, type PlannedFault, plannedFaults } from "../live/chaos/schedule.ts";

const first = (count: number, seed: number): readonly PlannedFault[] => {
  const faults: PlannedFault[] = [];
  for (const fault of plannedFaults(seed)) {
    faults.push(fault);
    if (faults.length === count) break;
  }
  return faults;
};

const seeds = fc.integer({ min: 1, max: 1_000_000 });

it("plans the same faults for the same seed, and others for another", () => {
  expect(first(30, 7)).toEqual(first(30, 7));
  expect(first(30, 7)).not.toEqual(first(30, 8));
});

it("plans each kind once before any comes again", () => {
  const all = [...faultKinds].sort();
  fc.assert(
    fc.property(seeds, (seed) => {
      const kinds = first(2 * all.length, seed).map(({ kind }) => kind);
      expect(kinds.slice(0, all.length).sort()).toEqual(all);
      expect(kinds.slice(all.length).sort()).toEqual(all);
    }),
  );
});

it("meets leaders and standbys, within their lease and past it", () => {
  const faults = first(200, 7);
  expect(new Set(faults.map(({ role }) => role))).toEqual(new Set(["leader", "standby"]));
  expect(faults.some(({ holdMs }) => holdMs < 20_000)).toBe(true);
  expect(faults.some(({ holdMs }) => holdMs > 20_000)).toBe(true);
});

it("draws within the bounds, both of them included, and loses nothing by shuffling", () => {
  fc.assert(
    fc.property(seeds, fc.array(fc.integer()), (seed, items) => {
      const drawn = dice(seed);
      expect([3, 4, 5]).toContain(drawn.between(3, 5));
      expect([...drawn.shuffled(items)].sort()).toEqual([...items].sort());
    }),
  );
  const drawn = dice(7);
  const all = Array.from({ length: 100 }, () => drawn.between(3, 5));
  expect([...new Set(all)].sort()).toEqual([3, 4, 5]);
});
