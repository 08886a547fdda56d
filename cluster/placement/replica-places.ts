import { stableHash } from "../stable-hash.ts";

/**
 * Read replicas come and go one by one, in any order. So where one is follows from nothing but itself: each has one of a
 * few places, which its address and its ports come from, and none moves when another one is taken out.
 */

/** How many places are kept for read replicas in every cluster. */
export const replicaPlaces = 13;

/** The most read replicas that a cluster may have. */
export const mostReplicas = 9;

/** The place of a replica that is given none, 1–13: by a hash that never changes. */
export function placeOf(replica: string): number {
  return 1 + (stableHash(replica) % replicaPlaces);
}

/** What a proxy knows whoever has this place by. A replica's own name is never a number, so it is no other's. */
export function placeName(cluster: string, place: number): string {
  return `${cluster}-replica-${place}`;
}
