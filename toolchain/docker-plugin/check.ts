/** The checks a program's inputs go through before anything else: known names, right types, defaults, a name. */
import { createHash, randomBytes } from "node:crypto";
import type { Kind } from "./kind.ts";
import { isUnknown } from "./markers.ts";
import type { Property, Schema } from "./schema.ts";
import { isList, isProperties, type Properties, texts, type Value } from "./values.ts";

/** What is wrong with one input, and where. */
export interface Problem {
  readonly property: string;
  readonly reason: string;
}

export interface Checked {
  readonly inputs: Properties;
  readonly problems: readonly Problem[];
}

/** Pulumi's wishes for a made-up name. */
export interface Naming {
  /** The resource's name in the program. */
  readonly logicalName: string;
  /** The same bytes for the same planned update, so that preview and update agree; empty: any. */
  readonly seed: Uint8Array;
  /** A name the engine proposes or insists on (`pulumi:autonaming`), or `false` when it forbids making one up. */
  readonly proposed?: string | false;
}

/** Names of the inputs that the plugin filled in; Pulumi hides properties that begin so. */
const DEFAULTS = "__defaults";

/** Checks new inputs and fills in defaults. Names made up earlier, found in the old inputs, are kept. */
export function checkInputs(kind: Kind, olds: Properties, news: Properties, naming: Naming): Checked {
  const given = Object.fromEntries(Object.entries(news).filter(([name]) => !name.startsWith("__")));
  const problems = checkRecord(kind.schema, given, "", kind.token);
  const filled = [...defaultsOf(kind.schema, given), ...madeUpName(kind, olds, given, naming)];
  const inputs = { ...given, ...Object.fromEntries(filled), [DEFAULTS]: filled.map(([name]) => name) };
  return { inputs, problems };
}

/** Whether the plugin, not the program, chose the value. */
export function isFilledIn(inputs: Properties, name: string): boolean {
  return texts(inputs, DEFAULTS).includes(name);
}

/** The inputs without the plugin's own notes. */
export function withoutNotes(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !name.startsWith("__")));
}

function defaultsOf(schema: Schema, given: Properties): [string, Value][] {
  return Object.entries(schema).flatMap(([name, rule]): [string, Value][] => {
    const absent = given[name] === undefined || given[name] === null;
    return absent && rule.default !== undefined ? [[name, rule.default]] : [];
  });
}

function madeUpName(kind: Kind, olds: Properties, given: Properties, naming: Naming): [string, Value][] {
  if (!kind.autoNamed || typeof given["name"] === "string") return [];
  const old = olds["name"];
  if (typeof old === "string" && isFilledIn(olds, "name")) return [["name", old]];
  if (naming.proposed === false) return [];
  return [["name", naming.proposed ?? `${naming.logicalName}-${sevenHex(naming.seed)}`]];
}

function sevenHex(seed: Uint8Array): string {
  const bytes = seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4);
  return bytes.toString("hex").slice(0, 7);
}

function checkRecord(schema: Schema, given: Properties, path: string, token: string): Problem[] {
  const missing = Object.entries(schema)
    .filter(([name, rule]) => rule.required && (given[name] === undefined || given[name] === null))
    .map(([name]) => ({ property: path + name, reason: `missing required property '${path}${name}'` }));
  const wrong = Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined || value === null) return [];
    return checkProperty(schema[name], value, path + name, token);
  });
  return [...missing, ...wrong];
}

function checkProperty(rule: Property | undefined, value: Value, path: string, token: string): Problem[] {
  const problem = (reason: string) => [{ property: path, reason }];
  if (rule === undefined || rule.output) {
    return problem(`'${path}' is not an input of ${token}: remove it, or correct its name`);
  }
  if (rule.notCovered) {
    return problem(`'${path}' is not served by the stand-in for the docker plugin: ${rule.notCovered}`);
  }
  if (!isUnknown(value)) {
    // The value itself is not shown: it may be a secret.
    const wanted = mismatch(rule, value);
    if (wanted) return problem(`'${path}' must be ${wanted}, not ${describe(value)}`);
    const reason = rule.check?.(value);
    if (reason) return problem(`'${path}' ${reason}`);
  }
  return checkMembers(rule, value, path, token);
}

function checkMembers(rule: Property, value: Value, path: string, token: string): Problem[] {
  const fields = rule.fields;
  if (!fields) return [];
  if (isProperties(value)) return checkRecord(fields, value, `${path}.`, token);
  if (!isList(value)) return [];
  return value.flatMap((member, index) =>
    isProperties(member) ? checkRecord(fields, member, `${path}[${index}].`, token) : [],
  );
}

/** What the value should have been; undefined when it is right. */
function mismatch(rule: Property, value: Value): string | undefined {
  switch (rule.shape) {
    case "text":
      return typeof value === "string" ? undefined : "a text";
    case "whole":
      return Number.isInteger(value) ? undefined : "a whole number";
    case "flag":
      return typeof value === "boolean" ? undefined : "true or false";
    case "texts":
    case "textSet":
      return isList(value) && value.every((item) => typeof item === "string") ? undefined : "a list of texts";
    case "mapping":
      return isProperties(value) && Object.values(value).every((item) => typeof item === "string")
        ? undefined
        : "a map of texts";
    case "record":
      return isProperties(value) ? undefined : "an object";
    case "records":
    case "recordSet":
      return isList(value) && value.every(isProperties) ? undefined : "a list of objects";
  }
}

function describe(value: Value): string {
  if (isList(value)) return "such a list";
  if (isProperties(value)) return "such an object";
  return typeof value === "number" ? "a number" : `a ${typeof value}`;
}
