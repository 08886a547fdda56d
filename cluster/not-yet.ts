import type { SpecIssue } from "./spec-error.ts";

/** Keys that belong to the specification and are not built. A `*` stands for any place in a list. */
const keys = [
  "aws",
  "backup.second",
  "deletionProtection",
  "endpoint.pooled",
  "endpoint.vip",
  "finalBackup",
  "logicalSlots",
  "maintenance",
  "owner",
  "placement.fallbackToSameZone",
  "placement.primaryZone",
  "placement.zones[*].address",
  "recovery",
  "replicas",
  "resources.volume",
  "restoreFrom",
  "standbyOf",
  "tls",
  "ttl",
] as const;

/** Values of keys that are built. */
const values: readonly { readonly path: string; readonly value: unknown; readonly remedy: string }[] = [
  { path: "platform", value: "aws", remedy: "Set platform to docker, or remove it." },
  { path: "placement.mode", value: "cross-zone", remedy: "Set placement.mode to zonal, or remove it." },
];

/** The issue when a key or a value is one that will come; undefined when it is not. */
export function notYetAvailable(path: string, value?: unknown): SpecIssue | undefined {
  if (keys.some((key) => key === path.replaceAll(/\[\d+\]/g, "[*]"))) {
    return { path, message: "not yet available", remedy: `Remove the key ${path}.` };
  }
  const later = values.find((entry) => entry.path === path && entry.value === value);
  if (later !== undefined) return { path, value, message: "not yet available", remedy: later.remedy };
  if (path === "placement.zones" && Array.isArray(value) && value.length > 1) {
    return { path, message: "not yet available: more than one zone", remedy: "Leave one zone in the list." };
  }
  return undefined;
}
