import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { encrypted } from "./archive-rules.ts";
import type { Rule } from "./rule.ts";

/**
 * What a cluster is made from. It may have the name of the cluster that was archived: each incarnation has a prefix of its
 * own in the bucket, so nothing of the other's is written over; after a disaster the new one has to be found at the old
 * address, which follows from the name; and while the old one stands, its containers hold the name.
 */
export const restoreRules: readonly Rule[] = [
  { reads: ["restoreFrom"], check: oneTarget },
  { reads: ["restoreFrom", "backup.endpoint"], check: endpointIsKnown },
  { reads: ["restoreFrom"], check: (spec) => unencryptedEndpoint("restoreFrom", spec) },
];

function oneTarget({ restoreFrom }: ClusterSpec): readonly SpecIssue[] {
  if (restoreFrom === undefined) return [];
  const named = (["time", "lsn", "latest"] as const).filter((key) => (restoreFrom[key] ?? false) !== false);
  if (named.length > 1) {
    const message = `has ${named.join(" and ")}, and a restore ends at one of them`;
    return [{ path: "restoreFrom", message, remedy: "Leave one of them." }];
  }
  if (named.length === 1 || restoreFrom.latest === undefined) return [];
  return [
    {
      path: "restoreFrom.latest",
      value: false,
      message: "leaves open up to where",
      remedy: "Set restoreFrom.time or restoreFrom.lsn, or remove the key.",
    },
  ];
}

/** The stack's own S3 server begins empty. */
function endpointIsKnown({ restoreFrom }: ClusterSpec): readonly SpecIssue[] {
  if (restoreFrom === undefined || restoreFrom.endpoint !== undefined) return [];
  return [
    {
      path: "restoreFrom.endpoint",
      message: `missing: where the backups of ${restoreFrom.cluster} are; this stack's own S3 server begins empty`,
      remedy:
        "Set it to the S3 endpoint that they are at, or set backup.endpoint where both clusters use one.",
    },
  ];
}

/** Of the archive of another cluster. */
export function unencryptedEndpoint(
  key: "restoreFrom" | "standbyOf",
  { backup, [key]: archive }: ClusterSpec,
): readonly SpecIssue[] {
  const { endpoint } = archive ?? {};
  // Of the cluster's own that is said once.
  return endpoint === backup.endpoint ? [] : encrypted(`${key}.endpoint`, endpoint, `${key}.ca`);
}
