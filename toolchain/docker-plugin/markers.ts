/**
 * How Pulumi marks values that are secret or not known yet, in the properties it sends over gRPC.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go
 */
import { isList, isProperties, type Properties, type Value } from "./values.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Stands for a string that is known only after the update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The engine has one marker a type: string, boolean, number, list, object. */
const UNKNOWNS: ReadonlySet<Value | undefined> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Whether the value is, or holds anywhere, one that is not known yet. */
export function isUnknown(value: Value | undefined): boolean {
  if (isList(value)) return value.some(isUnknown);
  if (isProperties(value)) return Object.values(value).some(isUnknown);
  return UNKNOWNS.has(value);
}

/** The value itself, wherever a secret mark stood. */
export function reveal(value: Value): Value {
  if (isList(value)) return value.map(reveal);
  if (!isProperties(value)) return value;
  if (value[SIGNATURE] === SECRET) return reveal(value["value"] ?? null);
  return revealAll(value);
}

export function revealAll(properties: Properties): Properties {
  return mapValues(properties, reveal);
}

/** The names of properties that are secret or hold a secret. */
export function secretNames(...bags: readonly Properties[]): Set<string> {
  const entries = bags.flatMap((bag) => Object.entries(bag));
  return new Set(entries.filter(([, value]) => holdsSecret(value)).map(([name]) => name));
}

/**
 * Marks whole properties as secret. A list with one secret member becomes secret as a whole: the engine may give its
 * members back in another order, so no single one can be told apart.
 */
export function conceal(properties: Properties, names: ReadonlySet<string>): Properties {
  const mark = ([name, value]: [string, Value | undefined]) =>
    names.has(name) ? [name, { [SIGNATURE]: SECRET, value: value ?? null }] : [name, value];
  return Object.fromEntries(Object.entries(properties).map(mark));
}

function holdsSecret(value: Value | undefined): boolean {
  if (isList(value)) return value.some(holdsSecret);
  if (!isProperties(value)) return false;
  return value[SIGNATURE] === SECRET || Object.values(value).some(holdsSecret);
}

function mapValues(properties: Properties, change: (value: Value) => Value): Properties {
  const known = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, change(value ?? null)]));
}
