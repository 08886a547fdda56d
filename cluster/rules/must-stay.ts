import type { SpecIssue } from "../schema/spec-error.ts";

/** What is wrong with a change of what may not change at all. */
export function mustStay<T extends string | number>(
  path: string,
  older: T,
  newer: T,
  why: string,
  way: string,
): readonly SpecIssue[] {
  if (older === newer) return [];
  return [
    { path, value: newer, message: `must stay ${older}: ${why}`, remedy: `Set it back to ${older}. ${way}` },
  ];
}
