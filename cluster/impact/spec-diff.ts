import { isDeepStrictEqual } from "node:util";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { formatValue } from "../schema/spec-error.ts";

/** A key of the specification that has another value, both as they may be printed; null: none. */
export interface KeyChange {
  /** As the user writes it: `backup.retainDays`. */
  readonly path: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** What is declared otherwise, defaults included, key by key. */
export function specDiff(
  before: ClusterSpec | undefined,
  after: ClusterSpec | undefined,
): readonly KeyChange[] {
  if (before === undefined || after === undefined) return [];
  return leavesOf(before, after, "");
}

function leavesOf(before: unknown, after: unknown, path: string): readonly KeyChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isMapping(before) || !isMapping(after)) return [{ path, from: printed(before), to: printed(after) }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => leavesOf(before[key], after[key], path === "" ? key : `${path}.${key}`));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function printed(value: unknown): string | null {
  return value === undefined ? null : formatValue(value);
}
