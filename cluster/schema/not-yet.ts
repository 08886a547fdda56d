import type { z } from "zod";
import { laterKeys } from "./later-keys.ts";
import type { SpecIssue } from "./spec-error.ts";

/** The form of a key that is not built; undefined when the key is, or is none. */
export function laterKey(path: string): z.ZodType | undefined {
  return laterKeys[path.replaceAll(/\[\d+\]/g, "[*]")];
}

/** The issue when a key is one that will come; undefined when it is not. */
export function notYetAvailable(path: string): SpecIssue | undefined {
  if (laterKey(path) === undefined) return undefined;
  return { path, message: "not yet available", remedy: `Remove the key ${path}.` };
}
