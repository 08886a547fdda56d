import { findCluster, type MemberAddress } from "../patroni/find-cluster.ts";
import type { Document, PatroniClient } from "../patroni/patroni-client.ts";

/**
 * What may be asked of a cluster that is about to get its standbys: with `required` durability nobody could write until
 * they are there. The rest follows when they are: see `insistOnStandbys`.
 */
export function untilStandbysAreThere(settings: Document): Document {
  return { ...settings, synchronous_mode_strict: false };
}

/** From now on no commit is acknowledged without a standby. */
export async function insistOnStandbys(
  patroni: PatroniClient,
  members: readonly Pick<MemberAddress, "restUrl">[],
): Promise<void> {
  const urls = members.map(({ restUrl }) => restUrl);
  const { restUrl } = await findCluster(patroni, urls);
  const { synchronous_mode_strict: strict } = await patroni.config(restUrl);
  if (strict !== true) await patroni.patchConfig(restUrl, { synchronous_mode_strict: true });
}
