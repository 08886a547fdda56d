/**
 * A parameter that takes a restart, raised and lowered in turn under a writer: for how long nobody can write while the leader
 * restarts. The figure that a plan gives where a cluster has none of its own is from here.
 */
import { seenThrough } from "../live/changes.ts";
import { liveCluster } from "../live/cluster-view.ts";
import type { World } from "../live/world.ts";
import { recordsIn, summaries } from "./records.ts";

const ROUNDS = 3;

const kinds = [
  { name: "max_connections raised", value: 300 },
  { name: "max_connections lowered", value: 200 },
] as const;

export async function proveRestarts(world: World, isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("restarts");
  const parameter = ["postgresql", "parameters", "max_connections"];
  await world.specify(parameter, 200);
  await world.pulumi("up", "--yes", "--skip-preview");
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const { name, value } of kinds) {
      if (records.of(name).length >= round || !isTimeLeft()) continue;
      const { inSync, onEach } = await liveCluster(world);
      await inSync(2);
      const seen = await seenThrough(world, { cause: () => world.specify(parameter, value) });
      const inForce = await onEach("current_setting('max_connections')");
      const isRight = inForce.every((one) => one === String(value)) && seen.promotions === 0;
      if (!isRight) throw new Error(`${name}: ${inForce.join(", ")} in force, ${seen.promotions} promotions`);
      const { gapMs, missing, acknowledged } = seen;
      await records.add({
        kind: name,
        round,
        gapMs: Math.round(gapMs),
        missing: missing.length,
        acknowledged,
      });
    }
  }
  return summaries(
    kinds.map(({ name }) => name),
    records,
  );
}
