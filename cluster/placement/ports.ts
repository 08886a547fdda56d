import { stableHash } from "../stable-hash.ts";

/**
 * The ports of a cluster whose parts use their hosts' networks: a block of a hundred, the same on every host. Each part
 * has its own in the whole cluster, by its kind and its index, so it never meets another one wherever it stands:
 * +1–9 PostgreSQL, +11–19 Patroni, +21–29 the image's page on activity (which listens on the host itself alone),
 * +31–37 etcd for clients, +41–47 etcd for voters, +51 the S3 server; of read replicas, by their places, +61–73
 * PostgreSQL, +74–86 Patroni, +87–99 the page on activity.
 */
export const portsOfCluster = 100;

/** The default first port: one of 120 blocks below the ports that a kernel gives away, by a hash that never changes. */
export function firstPortOf(clusterName: string): number {
  return 20_000 + portsOfCluster * (stableHash(clusterName) % 120);
}

/** @param index 1–9 */
export function memberPorts(first: number, index: number) {
  return { postgres: first + index, rest: first + 10 + index, activity: first + 20 + index };
}

/** @param index 1–7 */
export function voterPorts(first: number, index: number) {
  return { client: first + 30 + index, peer: first + 40 + index };
}

/** @param place 1–13 */
export function replicaPorts(first: number, place: number) {
  return { postgres: first + 60 + place, rest: first + 73 + place, activity: first + 86 + place };
}

export function s3Port(first: number): number {
  return first + 51;
}
