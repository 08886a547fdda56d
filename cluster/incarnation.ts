import type { ClusterPlan } from "./plan-types.ts";

/**
 * One life of a cluster, from its creation to its removal: a short random word, made outside and kept in the state.
 * It is part of every key, path and volume name that outlives containers, so that nothing of an earlier cluster of
 * the same name is ever taken for this one's.
 */
export type Incarnation = string;

/**
 * Patroni's `namespace`: the folder of etcd that this incarnation keeps its keys in.
 *
 * @throws RangeError when the incarnation is not 1 to 32 characters of a–z and 0–9.
 */
export function dcsNamespace(incarnation: Incarnation): string {
  return `/spilo-${checked(incarnation)}/`;
}

/** The etcd key of Patroni's `/config` document. Patroni puts namespace and scope together with single slashes. */
export function dcsConfigKey({ cluster }: ClusterPlan, incarnation: Incarnation): string {
  return `${dcsNamespace(incarnation)}${cluster}/config`;
}

/** What WAL and base backups are kept under: `s3://<bucket>/spilo/<cluster>/<incarnation>/wal/<version>`. */
export function archivePrefix(
  { cluster, postgresqlVersion }: Pick<ClusterPlan, "cluster" | "postgresqlVersion">,
  incarnation: Incarnation,
): string {
  return `${lifeFolder(cluster, incarnation)}${postgresqlVersion}`;
}

/** What all incarnations of a cluster are kept under, with a slash at its end. */
export function clusterArchive(cluster: string): string {
  return `spilo/${cluster}/`;
}

/** What one of them is kept under, whatever its version, with a slash at its end. */
export function lifeFolder(cluster: string, incarnation: Incarnation): string {
  return `${clusterArchive(cluster)}${checked(incarnation)}/wal/`;
}

/** Spilo's WAL_BUCKET_SCOPE_SUFFIX. */
export function archiveSuffix(incarnation: Incarnation): string {
  return `/${checked(incarnation)}`;
}

/** The token of the etcd cluster, which keeps voters of two lives apart. */
export function voterToken({ cluster }: ClusterPlan, incarnation: Incarnation): string {
  return `${cluster}-${checked(incarnation)}`;
}

function checked(incarnation: Incarnation): string {
  if (!/^[a-z0-9]{1,32}$/.test(incarnation)) {
    throw new RangeError(`incarnation: ${incarnation}: must be 1 to 32 characters of a-z and 0-9`);
  }
  return incarnation;
}
