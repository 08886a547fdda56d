import { clearEngine } from "../actions/engine/clear-engine.ts";
import { findClusters } from "../actions/sweep/find-clusters.ts";
import { engineAddress, ownEngine } from "../cluster/placement/engine-address.ts";
import type { SpiloClusterArgs } from "../components/index.ts";

/** Whose parts they are, by their labels. */
interface Owner {
  readonly project: string;
  readonly stack: string;
}

/** It is all to go. */
const GRACE_SECONDS = 2;

/** Removes what an interrupted update has made of which no state knows. */
export async function clearLeftovers(
  { project, stack }: Owner,
  { placement }: Pick<SpiloClusterArgs, "placement">,
): Promise<void> {
  const engines = placement?.zones?.map(({ host = ownEngine, certificates }) =>
    engineAddress(host, certificates),
  );
  for (const { of, engines: places } of await findClusters([...new Set(engines ?? [ownEngine])])) {
    if (of.project !== project || of.stack !== stack) continue;
    for (const engine of places) {
      await clearEngine({ ...of, engine }, { announce: () => undefined, graceSeconds: GRACE_SECONDS });
    }
  }
}
