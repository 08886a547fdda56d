import { clearEngine } from "../actions/engine/clear-engine.ts";
import { markerName } from "../actions/engine/marker.ts";
import { type FoundCluster, findClusters } from "../actions/sweep/find-clusters.ts";
import { engineAddress, ownEngine } from "../cluster/placement/engine-address.ts";
import type { SpiloClusterArgs } from "../components/index.ts";

/** Whose parts they are, by their labels. */
interface Owner {
  readonly project: string;
  readonly stack: string;
}

/** It is all to go. */
const GRACE_SECONDS = 2;

/**
 * Removes what an interrupted update has made of which no state knows, and what a destruction has not got to. The marker of a
 * cluster that has backups in a bucket stays: by that alone are they found again.
 *
 * @returns what stays, and what to do about it; undefined: nothing does.
 */
export async function clearLeftovers(
  { project, stack }: Owner,
  { placement }: Pick<SpiloClusterArgs, "placement">,
): Promise<string | undefined> {
  const engines = placement?.zones?.map(({ host = ownEngine, certificates }) =>
    engineAddress(host, certificates),
  );
  const stays: string[] = [];
  for (const found of await findClusters([...new Set(engines ?? [ownEngine])])) {
    if (found.of.project !== project || found.of.stack !== stack) continue;
    const backups = backupsOf(found);
    for (const engine of found.engines) {
      await clearEngine(
        { ...found.of, engine, keeps: backups === undefined ? [] : ["marker"] },
        { announce: () => undefined, graceSeconds: GRACE_SECONDS },
      );
    }
    if (backups !== undefined) stays.push(backups);
  }
  return stays.length === 0 ? undefined : stays.join("; ");
}

/** Where they stay, and who takes them; undefined: there is no bucket that does not go with the volumes. */
function backupsOf({ of, marker, marks }: FoundCluster): string | undefined {
  if (marker === undefined || marker.archives.length === 0) return undefined;
  const places = marker.archives.map(
    ({ endpoint, bucket, prefix }) => `s3://${bucket}/${prefix} at ${endpoint}`,
  );
  const markedOn = marks.map(({ engine }) => engine).join(" and ");
  return (
    `${of.cluster}: its containers and volumes are gone, but its destruction has failed, and what it has in ` +
    `${places.join(" and ")} stays, with the volume ${markerName(of)} on ${markedOn}: when its ttl has passed, ` +
    "`spiloctl sweep --yes` removes both"
  );
}
