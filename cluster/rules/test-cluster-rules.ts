import { andList } from "../and-list.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

/** What a cluster must not have that is made for a while. */
export const testClusterRules: readonly Rule[] = [
  { reads: ["ttl", "deletionProtection", "finalBackup"], check: nothingIsGuarded },
  { reads: ["ttl"], on: "aws", check: onDockerOnly },
];

/** Both are on unless they are set, so that a cluster is not given up by one key alone. */
function nothingIsGuarded({ ttl, deletionProtection, finalBackup }: ClusterSpec): readonly SpecIssue[] {
  if (ttl === undefined) return [];
  const guards = Object.entries({ deletionProtection, finalBackup })
    .filter(([, on]) => on)
    .map(([key]) => key);
  if (guards.length === 0) return [];
  return [
    {
      path: "ttl",
      value: ttl,
      message: `${andList(guards)} ${guards.length === 1 ? "is" : "are"} on: a cluster with a ttl is swept away whole, its backups as well`,
      remedy: `Write ${andList(guards.map((key) => `${key}: false`))} too, or remove ttl.`,
    },
  ];
}

function onDockerOnly({ ttl }: ClusterSpec): readonly SpecIssue[] {
  if (ttl === undefined) return [];
  return [
    {
      path: "ttl",
      value: ttl,
      message: "is for clusters on Docker: spiloctl sweep asks Docker engines",
      remedy: "Remove ttl.",
    },
  ];
}
