import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../cluster/settings/merge-patch.ts";
import type { Document } from "../patroni/patroni-client.ts";

/**
 * The PATCH that brings `/config` from what it holds to what is wanted; empty when nothing is to be done.
 *
 * Keys that were never declared are left alone: `pause` or `standby_cluster` belong to actions, and a slot beside the
 * declared ones to whoever added it. A key is removed (null) when it was declared before and is no more.
 *
 * @param actual what GET /config answers.
 * @param wanted what is declared now.
 * @param before what was declared by the last run, as far as is known.
 */
export function settingsPatch(actual: Document, wanted: Document, before: Document = {}): Document {
  const patch: Record<string, Json> = {};
  for (const [key, value] of Object.entries(wanted)) {
    const held = actual[key];
    if (isDocument(value)) {
      const inner = settingsPatch(asDocument(held), value, asDocument(before[key]));
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (!isSameSetting(held, value)) {
      patch[key] = value;
    }
  }
  for (const [key, former] of Object.entries(before)) {
    if (key in wanted || !(key in actual)) continue;
    patch[key] = isMappingOfMappings(former) ? settingsPatch(asDocument(actual[key]), {}, former) : null;
  }
  return patch;
}

/**
 * The declared settings as they really stand: changed values as they are now, missing ones left out, and of
 * PostgreSQL's parameters also those that somebody added by hand. The same object again when nothing differs.
 */
export function settingsAsTheyStand(actual: Document, declared: Document): Document {
  const standing: Record<string, Json> = {};
  let same = true;
  for (const [key, value] of Object.entries(declared)) {
    const held = actual[key];
    const now = isDocument(value)
      ? innerAsItStands(key, held, value)
      : isSameSetting(held, value)
        ? value
        : held;
    if (now !== value) same = false;
    if (now !== undefined && now !== null) standing[key] = now;
  }
  return same ? declared : standing;
}

function innerAsItStands(key: string, held: Json | undefined, declared: Document): Document {
  const known = settingsAsTheyStand(asDocument(held), declared);
  if (key !== "parameters") return known;
  const added = Object.entries(asDocument(held)).filter(([name]) => !(name in declared));
  return added.length === 0 ? known : { ...known, ...Object.fromEntries(added) };
}

/** Are two documents the same, whatever the order of keys and the form of numbers and booleans? */
export function areSameSettings(left: unknown, right: unknown): boolean {
  if (!isDocument(left) || !isDocument(right)) return isSameSetting(left, right);
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => areSameSettings(left[key], right[key]));
}

/** `200` and `"200"` are one value, and so are `on`, `"on"` and `true`: an editor of YAML changes their form. */
function isSameSetting(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) || Array.isArray(right) || isDocument(left) || isDocument(right)) {
    return isDeepStrictEqual(left, right);
  }
  return plainForm(left) === plainForm(right);
}

function plainForm(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = String(value);
  return text === "true" ? "on" : text === "false" ? "off" : text;
}

/** Such as `slots`: others may have put one beside those that were declared. */
function isMappingOfMappings(value: Json): value is Document {
  return isDocument(value) && Object.values(value).every(isDocument);
}

function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object itself; an empty one for anything else. */
export function asDocument(value: Json | undefined): Document {
  return isDocument(value) ? value : {};
}
