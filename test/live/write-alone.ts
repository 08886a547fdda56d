import type { LiveCluster } from "./cluster-view.ts";
import { onSession } from "./sql.ts";

/**
 * Writes without waiting for a standby: the one way to get ahead of those that are synchronous. Makes the table
 * `written_alone`.
 */
export async function writeAlone(cluster: LiveCluster, leader: string): Promise<void> {
  const [direct] = cluster.direct.filter((_, index) => leader.endsWith(`-${index + 1}`));
  if (direct === undefined) throw new Error(`${leader}: no such member`);
  await onSession(direct, async (client) => {
    await client.query("set synchronous_commit = local");
    await client.query("create table written_alone as select generate_series(1, 10000)");
  });
}
