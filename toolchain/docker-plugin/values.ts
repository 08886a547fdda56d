/**
 * Property values as Pulumi and the Docker engine send them, and how to read one out of an untyped bag.
 *
 * A reader answers with the type's zero value for what is absent: to the official provider an absent number and 0,
 * an absent list and an empty one are the same.
 */

/** What JSON can say. */
export type Value = null | boolean | number | string | readonly Value[] | Properties;

/** Properties of a resource, or any JSON object. */
export interface Properties {
  readonly [name: string]: Value | undefined;
}

export function isProperties(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !isList(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Absent, empty, 0 or false. An object with any key is not: `{"/run": ""}` mounts something on /run. */
export function isZero(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) return true;
  if (isList(value)) return value.length === 0;
  return isProperties(value) && Object.keys(value).length === 0;
}

export function text(from: Properties, name: string): string {
  const value = from[name];
  return typeof value === "string" ? value : "";
}

export function whole(from: Properties, name: string): number {
  const value = from[name];
  return typeof value === "number" ? value : 0;
}

export function flag(from: Properties, name: string): boolean {
  return from[name] === true;
}

export function texts(from: Properties, name: string): string[] {
  const value = from[name];
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}

export function record(from: Properties, name: string): Properties {
  const value = from[name];
  return isProperties(value) ? value : {};
}

export function records(from: Properties, name: string): Properties[] {
  const value = from[name];
  return isList(value) ? value.filter(isProperties) : [];
}

/** A map of strings; what is not a string is left out. */
export function mapping(from: Properties, name: string): Record<string, string> {
  const found = Object.entries(record(from, name)).filter((entry) => typeof entry[1] === "string");
  return Object.fromEntries(found.map(([key, value]) => [key, String(value)]));
}

/** The properties that say something, so that the engine's own defaults apply to the others. */
export function withoutZeros(from: Properties): Properties {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => !isZero(value)));
}
