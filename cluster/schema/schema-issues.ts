import { z } from "zod";
import type { SpecIssue } from "./spec-error.ts";
import { didYouMean } from "./spelling.ts";

type Path = readonly PropertyKey[];

/** What came of reading a value by its schema. */
export interface LenientReading<T> {
  /** The value with what is wrong left out; absent when there is nothing to go on with. */
  readonly value?: T;
  readonly issues: readonly SpecIssue[];
  /** Paths whose value was wrong or missing, so that what is in `value` there is a default or a stand-in. */
  readonly broken: readonly string[];
}

/** Stands in for required texts that are missing or wrong, so that the rest can be checked. */
const placeholders: Readonly<Record<string, unknown>> = { name: "cluster" };

/**
 * Reads a value, telling all that is wrong, and goes on with the sound part of it.
 *
 * @param root what paths begin with, empty for `spilo:cluster`.
 */
export function readLeniently<T extends z.ZodType>(
  schema: T,
  input: unknown,
  root: string,
): LenientReading<z.output<T>> {
  const first = schema.safeParse(input);
  if (first.success) return { value: first.data, issues: [], broken: [] };
  const issues = first.error.issues.flatMap((issue) => toSpecIssues(issue, schema, input, root));
  const wrong = first.error.issues.flatMap(pathsOf);
  // Where a key too many was left out, nothing stands in for it.
  const broken = first.error.issues
    .filter(({ code }) => code !== "unrecognized_keys")
    .map(({ path }) => formatPath(path));
  if (wrong.some((path) => path.length === 0)) return { issues, broken };
  const sound = schema.safeParse(without(input, wrong));
  return sound.success ? { value: sound.data, issues, broken } : { issues, broken };
}

/** `placement.zones[0].host` */
function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

function toSpecIssues(issue: z.core.$ZodIssue, schema: z.ZodType, input: unknown, root: string): SpecIssue[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...issue.path, key], keysAt(schema, issue.path), root));
  }
  const path = rooted(root, issue.path);
  const value = valueAt(input, issue.path);
  const [message = "is not allowed", remedy = "Remove it."] = issue.message.split("\n");
  return [
    value === undefined ? { path, message: `missing: ${message}`, remedy } : { path, value, message, remedy },
  ];
}

function unknownKey(path: Path, known: readonly string[], root: string): SpecIssue {
  const where = rooted(root, path);
  const key = String(path.at(-1));
  const all = known.length === 0 ? "Remove it." : `Remove it. The keys here are ${known.join(", ")}.`;
  return { path: where, message: "unknown key", remedy: didYouMean(key, known, all) };
}

function rooted(root: string, path: Path): string {
  const text = formatPath(path);
  if (root === "") return text;
  if (text === "") return root;
  return text.startsWith("[") ? `${root}${text}` : `${root}.${text}`;
}

function pathsOf(issue: z.core.$ZodIssue): Path[] {
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

/** The keys of the mapping at a path of the schema. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let here: unknown = schema;
  for (const step of [...path, undefined]) {
    while (here instanceof z.ZodDefault || here instanceof z.ZodPrefault || here instanceof z.ZodOptional) {
      here = here.unwrap();
    }
    if (step === undefined) break;
    if (here instanceof z.ZodObject) here = here.shape[String(step)];
    else if (here instanceof z.ZodArray) here = here.element;
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (isContainer(value) ? Reflect.get(value, key) : undefined),
    input,
  );
}

/** A copy without the values at these paths, or with a stand-in where something must be. */
function without(input: unknown, paths: readonly Path[]): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(input));
  for (const path of paths) remove(copy, path);
  return copy;
}

function remove(input: unknown, path: Path): void {
  const holder = valueAt(input, path.slice(0, -1));
  const key = path.at(-1);
  if (!isContainer(holder) || key === undefined) return;
  // A list with an element less would be another list: the default is the better stand-in.
  if (Array.isArray(holder)) remove(input, path.slice(0, -1));
  else if (path.length === 1 && Object.hasOwn(placeholders, key))
    Reflect.set(holder, key, placeholders[String(key)]);
  else Reflect.deleteProperty(holder, key);
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
