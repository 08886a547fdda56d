/** Plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Are two leaves the same? The path leads to them. */
export type SameValue = (path: readonly string[], from: Json, to: Json) => boolean;

/**
 * The JSON merge patch that leads from one object to the other, with null for what is gone.
 * @see https://www.rfc-editor.org/rfc/rfc7396
 */
export function createMergePatch(
  from: JsonObject,
  to: JsonObject,
  same: SameValue,
  path: readonly string[] = [],
): JsonObject {
  const patch: Record<string, Json> = {};
  for (const key of [...new Set([...Object.keys(from), ...Object.keys(to)])].sort()) {
    const older = from[key];
    const newer = to[key];
    const here = [...path, key];
    if (newer === undefined) patch[key] = null;
    else if (isJsonObject(older) && isJsonObject(newer)) {
      const inner = createMergePatch(older, newer, same, here);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (older === undefined || !same(here, older, newer)) patch[key] = newer;
  }
  return patch;
}

/** What becomes of an object by a merge patch. */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const held = result[key];
    if (value === null) delete result[key];
    else if (isJsonObject(value)) result[key] = applyMergePatch(isJsonObject(held) ? held : {}, value);
    else result[key] = value;
  }
  return result;
}

function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
