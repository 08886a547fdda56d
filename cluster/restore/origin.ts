import type { Incarnation } from "../incarnation.ts";
import type { OriginPlan, RestoreTarget } from "../plan-types.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { isoTime } from "./iso-time.ts";

/** The archive that a cluster has begun from, found. */
export interface Origin extends Omit<OriginPlan, "incarnation" | "ca"> {
  readonly incarnation: Incarnation;
  readonly postgresqlVersion: number;
  /**
   * ISO 8601. The last base backup that was complete before then is the one to begin with; absent: the time that is the
   * target says so, or it is the last of all.
   */
  readonly backupBefore?: string;
}

/** What a cluster is to be made from; nothing where it begins empty. */
export function planOrigin({ restoreFrom }: ClusterSpec): { readonly origin?: OriginPlan } {
  // Without an endpoint the specification has been refused.
  if (restoreFrom?.endpoint === undefined) return {};
  const { cluster, incarnation, endpoint, region, bucket, ca } = restoreFrom;
  return {
    origin: {
      ...{ cluster, bucket, region, endpoint: endpoint.replace(/\/$/, "") },
      ...(incarnation === undefined ? {} : { incarnation }),
      ...(ca === undefined ? {} : { ca }),
      target: targetOf(restoreFrom),
    },
  };
}

function targetOf({ time, lsn }: NonNullable<ClusterSpec["restoreFrom"]>): RestoreTarget {
  if (time !== undefined) return { kind: "time", time: isoTime(time) };
  if (lsn !== undefined) return { kind: "lsn", lsn };
  return { kind: "latest" };
}

/**
 * Whether a cluster that has begun may be declared with an origin: with the one that it has begun from, and with no other.
 * Where that is reached may change, as it is not asked any more; and the key may be taken out.
 *
 * Not among the rules on changes of a specification: one whose archive could not be read has begun from nothing, and may
 * be corrected.
 *
 * @param before what it was last declared with; undefined: nothing.
 */
export function checkOrigin(
  before: OriginPlan | undefined,
  now: OriginPlan | undefined,
): SpecIssue | undefined {
  if (now === undefined) return undefined;
  const path = "restoreFrom";
  const anotherCluster =
    "Declare another cluster with it, in a stack of its own: nothing is restored over a cluster.";
  if (before === undefined) {
    const message = "is read once, when a cluster is made, and this one is there already";
    return { path, message, remedy: `Remove the key. ${anotherCluster}` };
  }
  if (inWords(before) === inWords(now)) return undefined;
  const message = `must stay ${inWords(before)}, or be removed: this cluster has begun from there`;
  return { path, message, remedy: `Set it back. ${anotherCluster}` };
}

/** What is restored, for a sentence: `orders, incarnation 1a2b3c4d, as of 2026-03-01T12:00:00Z`. */
function inWords({ cluster, incarnation, target }: OriginPlan): string {
  const life = incarnation === undefined ? "" : `, incarnation ${incarnation}`;
  return `${cluster}${life}, ${targetInWords(target)}`;
}

export function targetInWords(target: RestoreTarget): string {
  switch (target.kind) {
    case "time":
      return `as of ${target.time}`;
    case "lsn":
      return `up to ${target.lsn}`;
    case "latest":
      return "with all that is archived";
    default:
      return target satisfies never;
  }
}
