import { readFileSync } from "node:fs";

/** A value as the servers state it: numbers in the parameter's own unit, all else as a text. */
export type Scalar = string | number;

/** When PostgreSQL takes a changed value: `postmaster` at the start only, `internal` never, all others on a reload. */
export type Context =
  | "internal"
  | "postmaster"
  | "sighup"
  | "superuser"
  | "superuser-backend"
  | "backend"
  | "user";

/** On which server a parameter of replication acts. */
export type ReplicationGroup = "sending" | "primary" | "standby" | "subscriber";

/** What is known of a parameter in some versions, all of which have it alike. */
export interface Facts {
  /** Major versions, sorted. */
  readonly versions: readonly number[];
  /** Those of them that are told by documented differences, and were not read from a server. */
  readonly documented?: readonly number[];
  readonly type: "bool" | "integer" | "real" | "enum" | "string";
  readonly unit?: string;
  readonly context: Context;
  readonly min?: number;
  readonly max?: number;
  /** The words that an enum takes. */
  readonly values?: readonly string[];
  /** What is in force when nothing is set. */
  readonly default: Scalar;
}

/** A parameter, by its name in lower case. */
export interface Entry {
  readonly name: string;
  /** The heading that `pg_settings` has it under. */
  readonly category?: string;
  readonly replication?: ReplicationGroup;
  /** What to know before it is set. */
  readonly note?: string;
  /** One element for each group of versions that differ. */
  readonly facts: readonly Facts[];
}

/** The contents of `catalogue.json`, which `toolchain/catalogue` makes from `pg_settings` of running servers. */
export interface CatalogueFile {
  /** Where the facts of each major version come from. */
  readonly sources: Readonly<Record<string, string>>;
  readonly parameters: readonly Entry[];
}

/** Every parameter of PostgreSQL 14 to 18, whether it may be set here or not. */
export const catalogueFile: CatalogueFile = JSON.parse(
  readFileSync(new URL("./catalogue.json", import.meta.url), "utf8"),
);

const byName: ReadonlyMap<string, Entry> = new Map(
  catalogueFile.parameters.map((entry) => [entry.name, entry]),
);

/** What is known of a parameter in all versions; undefined when none has it. */
export function findEntry(name: string): Entry | undefined {
  return byName.get(name);
}

/** The major versions that have a parameter, sorted. */
export function versionsOf({ facts }: Entry): readonly number[] {
  return facts.flatMap(({ versions }) => versions).sort((left, right) => left - right);
}
