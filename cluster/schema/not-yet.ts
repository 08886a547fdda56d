import type { z } from "zod";
import { laterKeys } from "./later-keys.ts";
import type { SpecIssue } from "./spec-error.ts";

/** Values of keys that are built. */
const values: readonly { readonly path: string; readonly value: unknown; readonly remedy: string }[] = [
  { path: "aws.reach", value: "ssm", remedy: "Set aws.reach to direct, or remove it." },
  { path: "aws.reach", value: "bastion", remedy: "Set aws.reach to direct, or remove it." },
];

/** The form of a key that is not built; undefined when the key is, or is none. */
export function laterKey(path: string): z.ZodType | undefined {
  return laterKeys[path.replaceAll(/\[\d+\]/g, "[*]")];
}

/** The issue when a key is one that will come; undefined when it is not. */
export function notYetAvailable(path: string): SpecIssue | undefined {
  if (laterKey(path) === undefined) return undefined;
  return { path, message: "not yet available", remedy: `Remove the key ${path}.` };
}

/** The issue when a value of a key that is built is one that will come; undefined when it is not. */
export function valueNotYetAvailable(path: string, value: unknown): SpecIssue | undefined {
  const later = values.find((entry) => entry.path === path && entry.value === value);
  if (later !== undefined) return { path, value, message: "not yet available", remedy: later.remedy };
  return undefined;
}
