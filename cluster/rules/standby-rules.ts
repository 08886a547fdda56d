import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { unencryptedEndpoint } from "./restore-rules.ts";
import type { Rule } from "./rule.ts";

/** A cluster that follows another one. */
export const standbyRules: readonly Rule[] = [
  { reads: ["standbyOf"], check: hasSource },
  { reads: ["standbyOf", "backup.endpoint"], check: archiveIsKnown },
  { reads: ["standbyOf"], check: (spec) => unencryptedEndpoint("standbyOf", spec) },
  { reads: ["standbyOf", "restoreFrom"], check: beginsOnce },
  { reads: ["standbyOf", "name"], check: isAnother },
];

function hasSource({ standbyOf }: ClusterSpec): readonly SpecIssue[] {
  if (standbyOf === undefined || standbyOf.host !== undefined || standbyOf.incarnation !== undefined)
    return [];
  return [
    {
      path: "standbyOf.host",
      message: `missing: where ${standbyOf.cluster} is to be followed`,
      remedy:
        "Set it to the address of that cluster's endpoint, or set standbyOf.incarnation to follow by its archive alone.",
    },
  ];
}

/** The stack's own S3 server has nothing of another cluster. */
function archiveIsKnown({ standbyOf }: ClusterSpec): readonly SpecIssue[] {
  if (standbyOf?.incarnation === undefined || standbyOf.endpoint !== undefined) return [];
  return [
    {
      path: "standbyOf.endpoint",
      message: `missing: where the archive of ${standbyOf.cluster} is; this stack's own S3 server has nothing of it`,
      remedy:
        "Set it to the S3 endpoint of that cluster, or remove standbyOf.incarnation to follow by host alone.",
    },
  ];
}

function beginsOnce({ standbyOf, restoreFrom }: ClusterSpec): readonly SpecIssue[] {
  if (standbyOf === undefined || restoreFrom === undefined) return [];
  return [
    {
      path: "standbyOf",
      message:
        "cannot go with restoreFrom: a restored cluster has a history of its own, and can follow nobody",
      remedy: "Remove one of the two.",
    },
  ];
}

/** Both have their parts, keys and backups by the name. */
function isAnother({ standbyOf, name }: ClusterSpec): readonly SpecIssue[] {
  if (standbyOf?.cluster !== name) return [];
  return [
    {
      path: "standbyOf.cluster",
      value: name,
      message: "is this cluster itself",
      remedy: "Name the cluster that is to be followed; the two have different names.",
    },
  ];
}
