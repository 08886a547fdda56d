import type { SpiloCluster } from "./spilo-cluster.ts";

/**
 * What a stack exports of a cluster, for `spiloctl` and for programs with `pulumi-spilo/actions`.
 *
 *     export default outputsOf(orders);
 *
 * Credentials are among it, as secrets.
 */
export function outputsOf(cluster: SpiloCluster) {
  const { clusterName: name, endpoint, uri, readOnlyUri, multiHostUri, multiHostReadOnlyUri } = cluster;
  const { members, replicas, voters, proxies, synchronousStandbys, recovery, archive, incarnation } = cluster;
  const { placement, maintenance, volumeMib, survives, ca, credentials, standbyOf } = cluster;
  return {
    ...{ name, endpoint, uri, readOnlyUri, multiHostUri, multiHostReadOnlyUri },
    ...{ members, replicas, voters, proxies, synchronousStandbys, recovery, archive, incarnation },
    ...{ placement, maintenance, volumeMib, survives, ca, credentials, standbyOf },
    /** None unless `endpoint.pooled` is on. */
    pooledUri: cluster.pooledUri ?? null,
    /** None unless `replicas` has any. */
    replicasUri: cluster.replicasUri ?? null,
    /** None unless `endpoint.standbys` is on. */
    source: cluster.source ?? null,
  };
}
