/** What values of a property are allowed. Each answers what is wrong, or undefined. */
import { parseDuration } from "./durations.ts";
import type { Value } from "./values.ts";

export function oneOf(...allowed: readonly string[]) {
  return (value: Value) =>
    allowed.includes(String(value)) ? undefined : `is '${value}': it must be one of ${allowed.join(", ")}`;
}

export function matching(pattern: RegExp, meaning: string) {
  return (value: Value) => (pattern.test(String(value)) ? undefined : `is '${value}': it must be ${meaning}`);
}

export function atLeast(minimum: number) {
  return (value: Value) =>
    typeof value === "number" && value >= minimum ? undefined : `is ${value}: it must be at least ${minimum}`;
}

export function duration(value: Value): string | undefined {
  if (typeof value === "string" && parseDuration(value) !== undefined) return undefined;
  return `is '${value}': it must be a duration such as 1m30s`;
}

/** The content is not shown: it may be a secret. */
export function base64(value: Value): string | undefined {
  const decodes = typeof value === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0;
  return decodes ? undefined : "is not base64";
}
