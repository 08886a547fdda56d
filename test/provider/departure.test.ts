import { expect, it } from "vitest";
import { explainDeparture } from "../../provider/kinds/departure.ts";

const [one, three] = [["m-1"], ["m-1", "m-2", "m-3"]];

it("says that members go with their data", async () => {
  const olds = { members: three, volumesKept: false };
  expect(await explainDeparture(olds, { members: ["m-1", "m-2"], volumesKept: false })).toEqual([
    "m-3: removed with the data on their volumes, after one switchover if one of them leads",
  ]);
  // As a state of an earlier version has it.
  expect(await explainDeparture({ members: three }, { members: one, volumesKept: false })).toEqual([
    "m-2, m-3: removed with the data on their volumes, after one switchover if one of them leads; nobody takes over for the last member then",
  ]);
});

it("says that their volumes stay while the cluster is protected, also when that ends with the same update", async () => {
  for (const volumesKept of [true, false]) {
    const olds = { members: three, volumesKept: true };
    const [said] = await explainDeparture(olds, { members: ["m-1", "m-2"], volumesKept });
    expect(said).toBe(
      "m-3: removed, after one switchover if one of them leads; their volumes stay, as deletionProtection is on",
    );
  }
});

it("says nothing when none comes or goes, and who comes", async () => {
  const kept = { volumesKept: true };
  expect(await explainDeparture({ members: three, ...kept }, { members: three, ...kept })).toEqual([]);
  expect(await explainDeparture({ members: one, ...kept }, { members: three, ...kept })).toEqual([
    "m-2, m-3: added; no other member is touched",
  ]);
});

it("says that protection begins, or ends, with this update", async () => {
  const [off, on] = [
    { members: one, volumesKept: false },
    { members: one, volumesKept: true },
  ];
  expect(await explainDeparture(off, on)).toEqual([
    "deletionProtection is on after this update: a destroy is refused, and volumes of members that leave stay",
  ]);
  expect(await explainDeparture(on, off)).toEqual([
    "deletionProtection is off after this update: `pulumi destroy` takes the cluster down",
  ]);
});
