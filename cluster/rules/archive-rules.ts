import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

/** An S3 endpoint of the user's: how it is reached, and how it is known. */
export const archiveRules: readonly Rule[] = [
  { reads: ["backup.endpoint"], check: endpointIsEncrypted },
  { reads: ["backup.endpoint", "backup.ca"], check: authorityHasEndpoint },
];

function endpointIsEncrypted({ backup: { endpoint } }: ClusterSpec): readonly SpecIssue[] {
  if (endpoint === undefined || endpoint.startsWith("https:")) return [];
  return [
    {
      path: "backup.endpoint",
      value: endpoint,
      message: "WAL and base backups hold every row, and with http they would travel in clear",
      remedy:
        "Write it with https, and set backup.ca if its certificate is of an authority of your own; or remove the key.",
    },
  ];
}

/** The stack's own server has a certificate of the cluster's authority. */
function authorityHasEndpoint({ backup: { endpoint, ca } }: ClusterSpec): readonly SpecIssue[] {
  if (ca === undefined || endpoint !== undefined) return [];
  return [
    {
      path: "backup.ca",
      value: ca,
      message: "is for the certificate of backup.endpoint, which is not set",
      remedy: "Remove it, or set backup.endpoint.",
    },
  ];
}
