import type { BucketPlan, ClusterPlan, MarkerPlan } from "../plan-types.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { parseQuantity } from "../schema/quantity.ts";

/** Whose a cluster is: its labels, which never change. */
export interface MarkedOwner {
  readonly project: string;
  readonly stack: string;
  readonly cluster: string;
  readonly incarnation: string;
}

/** What is written down beside a cluster for whoever finds it, also when its state is lost. */
export interface Marker {
  /** Whose it is, as the user writes it; absent: nobody says. */
  readonly owner?: string | undefined;
  /** Absent: it lives for ever. */
  readonly ttlSeconds?: number | undefined;
  /** From when on the time to live counts: ISO 8601. */
  readonly since: string;
  /** Whether it may not be taken down. */
  readonly protected: boolean;
  /** Those that it has this marker on, as its program names them. One of an earlier version says only how many. */
  readonly engines: readonly string[] | number;
  /** Which of them this one is on: whoever finds it may name that engine otherwise. Absent in one of an earlier version. */
  readonly engine?: string | undefined;
  /** Its places in S3 servers that are not its own. */
  readonly archives: readonly MarkedArchive[];
}

/** What a cluster has in a bucket. */
export interface MarkedArchive extends BucketPlan {
  /** Of its keys, without a slash at the end. */
  readonly prefix: string;
}

/** The marker of a specification; none when it says neither whose the cluster is nor how long it lives. */
export function planMarker({ ttl, owner }: ClusterSpec): { readonly marker?: MarkerPlan } {
  if (ttl === undefined && owner === undefined) return {};
  return {
    marker: {
      ...(ttl === undefined ? {} : { ttlSeconds: Math.round(parseQuantity(ttl, "s") ?? 0) }),
      ...(owner === undefined ? {} : { owner }),
    },
  };
}

/** Where a cluster writes that does not go with its containers and volumes. */
export function archivesElsewhere({ archive }: ClusterPlan): readonly BucketPlan[] {
  const { endpoint, region, bucket, ca, own, second } = archive;
  const first = own ? [] : [{ endpoint, region, bucket, ...(ca === undefined ? {} : { ca }) }];
  return [...first, ...(second === undefined ? [] : [second])];
}

/** When a cluster may be swept away; undefined: never, or nobody can tell. */
export function expiryOf({ ttlSeconds, since }: Pick<Marker, "ttlSeconds" | "since">): Date | undefined {
  const expires = new Date(Date.parse(since) + (ttlSeconds ?? Number.NaN) * 1000);
  return Number.isNaN(expires.getTime()) ? undefined : expires;
}

/**
 * Whether an update counts the time to live anew: so that a cluster that is worked with lives on, and an update soon after
 * another one still has nothing to do.
 */
export function isCountedAnew(
  { ttlSeconds, since }: Pick<Marker, "ttlSeconds" | "since">,
  now: Date,
): boolean {
  return ttlSeconds !== undefined && now.getTime() - Date.parse(since) > (ttlSeconds * 1000) / 4;
}

/** What is to become of a cluster, and why. */
export interface Judgement {
  readonly verdict: "expired" | "lives" | "unlimited" | "protected" | "unmarked";
  /** A sentence without an end. */
  readonly why: string;
}

/** @param marker undefined: it has none. */
export function judge(marker: Marker | undefined, now: Date): Judgement {
  if (marker === undefined) {
    return { verdict: "unmarked", why: "it has no marker: nobody said how long it lives" };
  }
  if (marker.ttlSeconds === undefined) return { verdict: "unlimited", why: "it has no ttl" };
  const expires = expiryOf(marker);
  if (expires === undefined) return { verdict: "unmarked", why: "its marker has no time that can be read" };
  const until = `${expires.toISOString().slice(0, 16)}Z`;
  if (marker.protected) {
    return { verdict: "protected", why: `deletionProtection is on, though its ttl is of ${until}` };
  }
  return expires.getTime() <= now.getTime()
    ? { verdict: "expired", why: `its time to live ended at ${until}` }
    : { verdict: "lives", why: `it lives until ${until}` };
}
