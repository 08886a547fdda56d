import { afterAll, beforeAll, expect, it } from "vitest";
import { runChaos } from "./chaos/run.ts";
import { type LiveCluster, liveCluster } from "./cluster-view.ts";
import { makeWorld, type World } from "./world.ts";

/**
 * One part after the other is killed, frozen or cut off under several writers, and each mended before the next. Another
 * seed or time by CHAOS_SEED and CHAOS_MINUTES.
 */
const CLUSTER = "chaos";
const MINUTE = 60_000;
const seed = Number(process.env["CHAOS_SEED"] ?? 8);
const minutes = Number(process.env["CHAOS_MINUTES"] ?? 3);

/** The last fault begins in time, and its mending may take a while. */
const MENDING_MINUTES = 9;

let world: World;
let cluster: LiveCluster;

beforeAll(async () => {
  world = await makeWorld(CLUSTER, { name: CLUSTER, recovery: { objective: "fast" } });
  await world.run("up");
  cluster = await liveCluster(world);
}, 4 * MINUTE);

afterAll(async () => {
  await world.dispose();
}, 3 * MINUTE);

it("loses no acknowledged row, doubles none, and never has two servers acknowledge at once", {
  timeout: (minutes + MENDING_MINUTES) * MINUTE,
}, async () => {
  const { verdict, faults } = await runChaos({ world, cluster }, { seed, minutes });
  expect(faults).toBeGreaterThan(0);
  expect(verdict.acknowledged).toBeGreaterThan(100 * faults);
  expect(verdict.lost).toEqual([]);
  expect(verdict.duplicated).toEqual([]);
  expect(verdict.overlaps).toEqual([]);
});
