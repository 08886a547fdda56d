/**
 * What a program's new inputs mean for what exists, by the rules of the Terraform bridge that the official plugin is
 * made of: the state is compared with the inputs, an absent input equals its type's zero value, and a computed
 * property that the program leaves out keeps whatever the state has.
 */
import { isUnknown } from "./markers.ts";
import type { Property, Schema } from "./schema.ts";
import { isList, isProperties, isZero, type Properties, type Value } from "./values.ts";

export interface Change {
  /** The resource's property. */
  readonly property: string;
  /** Where in it, such as `ports[0].internal`; the property itself when there is nothing to point at. */
  readonly path: string;
  readonly kind: "add" | "update" | "delete";
  readonly replaces: boolean;
}

/** The properties in which the state differs from what the program wants. */
export function differences(schema: Schema, state: Properties, inputs: Properties): Change[] {
  return Object.entries(schema).flatMap(([property, rule]) => {
    const [have, want] = [state[property], inputs[property]];
    if (rule.output || same(rule, have, want)) return [];
    const replaces = rule.replaces === true;
    return places(rule, property, have, want).map((place) => ({ property, replaces, ...place }));
  });
}

type Place = Pick<Change, "path" | "kind">;

/** Members of a set cannot be pointed at; fields of an object, and of objects in a list of one length, can. */
function places(rule: Property, path: string, have: Value | undefined, want: Value | undefined): Place[] {
  const here = [{ path, kind: changeKind(have, want) }];
  if (rule.shape === "record" && isProperties(have) && isProperties(want)) {
    return fieldPlaces(rule.fields ?? {}, path, have, want);
  }
  if (rule.shape !== "records" || !isList(have) || !isList(want) || have.length !== want.length) return here;
  const inside = want.flatMap((member, index) => {
    const there = have[index];
    if (!isProperties(member) || !isProperties(there)) return [];
    return fieldPlaces(rule.fields ?? {}, `${path}[${index}]`, there, member);
  });
  return inside.length > 0 ? inside : here;
}

function fieldPlaces(fields: Schema, path: string, have: Properties, want: Properties): Place[] {
  return Object.entries(fields).flatMap(([name, rule]) => {
    if (same(rule, have[name], want[name])) return [];
    return [{ path: `${path}.${name}`, kind: changeKind(have[name], want[name]) }];
  });
}

function changeKind(have: Value | undefined, want: Value | undefined): Change["kind"] {
  if (isAbsent(have)) return "add";
  return isAbsent(want) ? "delete" : "update";
}

/** Whether nothing has to be done to get from what is there to what is wanted. */
function same(rule: Property, have: Value | undefined, want: Value | undefined): boolean {
  if (isUnknown(want)) return false;
  if (isLeftOut(rule, want)) return rule.computed === true || rule.kept === true || saysNothing(rule, have);
  if (rule.shape === "records") return sameList(rule, have, want);
  return canonical(rule, have) === canonical(rule, want);
}

/** Lists of records are compared member by member, since a member may leave computed fields to the engine. */
function sameList(rule: Property, have: Value | undefined, want: Value | undefined): boolean {
  if (!isList(have) || !isList(want)) return saysNothing(rule, have) && saysNothing(rule, want);
  if (have.length !== want.length) return false;
  const arrange = rule.arrange ?? ((members) => members);
  const there = arrange(have);
  return arrange(want).every((member, index) => sameRecord(rule.fields ?? {}, there[index], member));
}

function sameRecord(fields: Schema, have: Value | undefined, want: Value): boolean {
  if (!isProperties(have) || !isProperties(want)) return have === want;
  return Object.entries(fields).every(([name, rule]) => {
    return same(rule, have[name], want[name]);
  });
}

function saysNothing(rule: Property, value: Value | undefined): boolean {
  return normal(rule, value) === null;
}

/** One spelling for all values that mean the same: zero values dropped, defaults filled in, sets in a fixed order. */
function canonical(rule: Property, value: Value | undefined): string {
  return JSON.stringify(normal(rule, value));
}

function normal(rule: Property, value: Value | undefined): Value {
  if (isAbsent(value)) return isZero(rule.default) ? null : (rule.default ?? null);
  if (isZero(value)) return null;
  if (rule.shape === "textSet" && isList(value)) return sortedSet(value);
  if (rule.shape === "recordSet" && isList(value)) {
    return sortedSet(value.map((member) => normalRecord(rule.fields ?? {}, member)));
  }
  if (rule.shape === "record") return normalRecord(rule.fields ?? {}, value ?? null);
  if (isProperties(value)) return sortedEntries(Object.entries(value));
  return value ?? null;
}

function normalRecord(fields: Schema, value: Value): Value {
  if (!isProperties(value)) return value;
  const entries = Object.entries(fields).map(([name, rule]) => [name, normal(rule, value[name])] as const);
  const said = entries.filter(([, field]) => !isZero(field));
  return said.length === 0 ? null : sortedEntries(said);
}

function sortedSet(members: readonly Value[]): Value {
  const spelled = new Set(members.map((member) => JSON.stringify(member)));
  return [...spelled].sort();
}

function sortedEntries(entries: readonly (readonly [string, Value | undefined])[]): Properties {
  return Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** A program cannot ask for "no" list or text where the engine fills one in; 0 and false it can ask for. */
function isLeftOut(rule: Property, want: Value | undefined): boolean {
  if (isAbsent(want)) return rule.default === undefined;
  const fillsIn = rule.computed === true || rule.kept === true;
  return fillsIn && isZero(want) && typeof want !== "boolean" && typeof want !== "number";
}

function isAbsent(value: Value | undefined): boolean {
  return value === undefined || value === null;
}
