import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

/** An S3 endpoint of the user's: how it is reached, and how it is known. */
export const archiveRules: readonly Rule[] = [
  { reads: ["backup.endpoint"], check: endpointIsEncrypted },
  { reads: ["backup.endpoint", "backup.ca"], check: authorityHasEndpoint },
  { reads: ["backup.second", "backup.endpoint"], check: secondIsReached },
  { reads: ["backup.second", "backup.endpoint"], check: secondIsEncrypted },
  { reads: ["backup.second", "backup.endpoint", "backup.bucket"], check: secondIsElsewhere },
];

function endpointIsEncrypted({ backup: { endpoint } }: ClusterSpec): readonly SpecIssue[] {
  return encrypted("backup.endpoint", endpoint, "backup.ca", "; or remove the key");
}

/** What is said of the endpoint of any bucket that is not reached by https. */
export function encrypted(
  path: string,
  endpoint: string | undefined,
  ca: string,
  otherwise = "",
): readonly SpecIssue[] {
  if (endpoint === undefined || endpoint.startsWith("https:")) return [];
  return [
    {
      path,
      value: endpoint,
      message: "WAL and base backups hold every row, and with http they would travel in clear",
      remedy: `Write it with https, and set ${ca} if its certificate is of an authority of your own${otherwise}.`,
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

/** The stack's own S3 server is no second place. */
function secondIsReached({ backup: { second } }: ClusterSpec): readonly SpecIssue[] {
  if (second === undefined || second.endpoint !== undefined) return [];
  return [
    {
      path: "backup.second.endpoint",
      message: "missing: where the second bucket is; what is in the stack's own S3 server goes with it",
      remedy: "Set it to an S3 endpoint in another region, or remove backup.second.",
    },
  ];
}

function secondIsEncrypted({ backup: { endpoint, second } }: ClusterSpec): readonly SpecIssue[] {
  // Of the cluster's own that is said once.
  if (second?.endpoint === endpoint) return [];
  return encrypted("backup.second.endpoint", second?.endpoint, "backup.second.ca");
}

function secondIsElsewhere({ backup }: ClusterSpec): readonly SpecIssue[] {
  const { bucket, endpoint, second } = backup;
  const place = (url: string | undefined) => url?.replace(/\/$/, "");
  if (second?.endpoint === undefined || second.bucket !== bucket) return [];
  if (place(second.endpoint) !== place(endpoint)) return [];
  return [
    {
      path: "backup.second.bucket",
      value: bucket,
      message: "is the first bucket itself: what is lost there is lost here",
      remedy: "Name another bucket, at best in another region, or another backup.second.endpoint.",
    },
  ];
}
