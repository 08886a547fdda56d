import type { CatalogueFile, Entry, Facts, Scalar } from "../../cluster/parameters/catalogue.ts";
import { type DocumentedVersion, documentedVersions } from "./documented.ts";
import { replicationFacts } from "./replication.ts";
import type { ServerAnswer, ServerRow } from "./server-row.ts";

type Bare = Omit<Facts, "versions" | "documented">;
type OfVersion = ReadonlyMap<string, Bare>;

/** The major version of a server's answer. */
function majorOf({ version }: ServerAnswer): number {
  return Number.parseInt(version, 10);
}

/**
 * The catalogue: what servers said of themselves, and of the versions between them what is documented. Names are in
 * lower case, which PostgreSQL does not tell apart. The same answers give the same catalogue.
 *
 * @throws when two neighbouring servers differ in something that the documented version between them says nothing of.
 */
export function joinCatalogue(answers: readonly ServerAnswer[]): CatalogueFile {
  const read = new Map(answers.map((answer) => [majorOf(answer), factsByName(answer.rows)]));
  for (const documented of documentedVersions) checkComplete(documented, read);
  const all = new Map<number, OfVersion>([
    ...read,
    ...documentedVersions.map((documented) => [documented.version, derive(documented, read)] as const),
  ]);
  const categories = new Map(answers.flatMap(({ rows }) => rows.map((row) => [keyOf(row), row.category])));
  const versions = [...all.keys()].sort();
  const names = new Set([...all.values()].flatMap((facts) => [...facts.keys()]));
  return {
    sources: Object.fromEntries(versions.map((version) => [version, sourceOf(version, answers)])),
    parameters: [...names].sort().map((name) => entry(name, categories.get(name), versions, all)),
  };
}

/** A line a parameter, so that a change of one is a change of one line. */
export function printCatalogue({ sources, parameters }: CatalogueFile): string {
  const lines = parameters.map((parameter) => `    ${JSON.stringify(parameter)}`);
  return `{\n  "sources": ${JSON.stringify(sources)},\n  "parameters": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

/** What a server says of each of its parameters, as the catalogue has it. */
export function factsByName(rows: readonly ServerRow[]): OfVersion {
  return new Map(rows.map((row) => [keyOf(row), factsOf(row)]));
}

function keyOf({ name }: ServerRow): string {
  return name.toLowerCase();
}

function factsOf({ type, unit, context, min, max, values, default: standard }: ServerRow): Bare {
  const numeric = type === "integer" || type === "real";
  return {
    type,
    ...(unit === null ? {} : { unit }),
    context,
    // Values that a server makes up at its start say nothing of others; they are read-only.
    ...(numeric && context !== "internal" ? { min: Number(min), ...upperBound(Number(max)) } : {}),
    ...(values === null ? {} : { values }),
    default: context === "internal" ? "" : defaultOf(standard, numeric),
  };
}

/** The largest number there is, which servers print rounded, is no bound. */
function upperBound(max: number): { max?: number } {
  return max > 1e308 ? {} : { max };
}

function defaultOf(standard: string | null, numeric: boolean): Scalar {
  if (standard === null) return "";
  return numeric ? Number(standard) : standard;
}

function derive({ from, differences }: DocumentedVersion, read: ReadonlyMap<number, OfVersion>): OfVersion {
  const derived = new Map(versionOf(read, from));
  for (const [name, difference] of Object.entries(differences)) {
    const held = derived.get(name);
    if (difference === null) derived.delete(name);
    else if (held !== undefined) derived.set(name, withoutStaleWords({ ...held, ...difference }));
    else derived.set(name, complete(name, difference));
  }
  return derived;
}

function withoutStaleWords(facts: Bare): Bare {
  const { values, ...rest } = facts;
  return facts.type === "enum" && values !== undefined ? { ...rest, values } : rest;
}

function complete(name: string, { type, context, default: standard, ...rest }: Partial<Bare>): Bare {
  if (type === undefined || context === undefined || standard === undefined) {
    throw new Error(`${name}: no server has it, so its type, context and default must be documented`);
  }
  return { type, context, default: standard, ...rest };
}

function checkComplete(
  { version, differences }: DocumentedVersion,
  read: ReadonlyMap<number, OfVersion>,
): void {
  const [older, newer] = [read.get(version - 1), read.get(version + 1)];
  if (older === undefined || newer === undefined) return;
  const untold = [...newer].filter(
    ([name, facts]) =>
      JSON.stringify(older.get(name)) !== JSON.stringify(facts) &&
      facts.context !== "internal" &&
      !Object.hasOwn(differences, name) &&
      !sameSinceTheOneBefore.has(name),
  );
  if (untold.length === 0) return;
  const names = untold.map(([name]) => name).join(", ");
  throw new Error(
    `PostgreSQL ${version - 1} and ${version + 1} differ in ${names}: say which one ${version} follows`,
  );
}

/** Came with 16: 15 lacks them, and 16 has them as 17 does. */
const sameSinceTheOneBefore: ReadonlySet<string> = new Set([
  "createrole_self_grant",
  "debug_io_direct",
  "debug_logical_replication_streaming",
  "debug_parallel_query",
  "enable_presorted_aggregate",
  "gss_accept_delegation",
  "icu_validation_level",
  "max_parallel_apply_workers_per_subscription",
  "reserved_connections",
  "scram_iterations",
  "send_abort_for_crash",
  "send_abort_for_kill",
]);

function entry(
  name: string,
  category: string | undefined,
  versions: readonly number[],
  all: ReadonlyMap<number, OfVersion>,
): Entry {
  const replication = replicationFacts[name];
  return {
    name,
    ...(category === undefined ? {} : { category }),
    ...(replication === undefined ? {} : { replication: replication.group }),
    ...(replication?.note === undefined ? {} : { note: replication.note }),
    facts: groupsOf(name, versions, all),
  };
}

/** Versions that have the same facts share them. */
function groupsOf(
  name: string,
  versions: readonly number[],
  all: ReadonlyMap<number, OfVersion>,
): readonly Facts[] {
  const groups = new Map<string, { readonly facts: Bare; readonly versions: number[] }>();
  for (const version of versions) {
    const facts = all.get(version)?.get(name);
    if (facts === undefined) continue;
    const key = JSON.stringify(Object.entries(facts).sort());
    const group = groups.get(key) ?? { facts, versions: [] };
    group.versions.push(version);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => ({
    versions: group.versions,
    ...documentedOf(name, group.versions),
    ...group.facts,
  }));
}

/** The versions whose facts nobody has read from a server, and which are not those of a neighbour either. */
function documentedOf(name: string, versions: readonly number[]): { documented?: readonly number[] } {
  const documented = documentedVersions
    .filter(({ version, differences }) => versions.includes(version) && Object.hasOwn(differences, name))
    .map(({ version }) => version);
  return documented.length === 0 ? {} : { documented };
}

function sourceOf(version: number, answers: readonly ServerAnswer[]): string {
  const answer = answers.find((candidate) => majorOf(candidate) === version);
  if (answer !== undefined) return `pg_settings of ${answer.version}`;
  const documented = documentedVersions.find((candidate) => candidate.version === version);
  return `documented differences from ${documented?.from}`;
}

function versionOf(read: ReadonlyMap<number, OfVersion>, version: number): OfVersion {
  const facts = read.get(version);
  if (facts === undefined) throw new Error(`no server of PostgreSQL ${version} has answered`);
  return facts;
}
