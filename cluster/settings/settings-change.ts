import {
  canonicalValue,
  findParameter,
  numericValue,
  type Parameter,
  sharedMemoryFive,
  usualVersion,
} from "../parameters/parameters.ts";
import type { DynamicSettings, ParameterValue } from "../plan-types.ts";
import { createMergePatch, type Json, type JsonObject, type SameValue } from "./merge-patch.ts";
import { describeRecoveryChange } from "./recovery.ts";
import { describeSlots } from "./slots.ts";

/** In which order the members restart. */
export type RestartOrder = "standbys-first" | "leader-first";

/** One round of restarts, in this order. A leader that has restarted for one round needs no second restart. */
export interface SettingsPhase {
  readonly order: RestartOrder;
  /** The parameters that this round brings into force, sorted. */
  readonly parameters: readonly string[];
}

/** What a change of Patroni's `/config` does. */
export interface SettingsChange {
  /** JSON merge patch for `/config` as a whole; empty when nothing changes. Removed keys are null. */
  readonly patch: JsonObject;
  /** What is taken over without a restart, sorted: names of parameters, and of Patroni's own settings. */
  readonly reload: readonly string[];
  /** Parameters that a restart brings into force, sorted. */
  readonly restart: readonly string[];
  /** Rounds of restarts, in order; none when nothing restarts. */
  readonly phases: readonly SettingsPhase[];
  /** For people: a sentence a change, then one on what another timing means, and one on what the restarts mean. */
  readonly sentences: readonly string[];
}

interface Change {
  /** The parameter's name, or the path of a setting of Patroni's. */
  readonly name: string;
  readonly path: readonly string[];
  readonly from: Json | undefined;
  readonly to: Json | undefined;
  readonly effect: "reload" | "restart" | "raise" | "lower";
}

/**
 * Describes the way from one `/config` document to another. Pure: who leads is asked when it is carried out.
 *
 * Raised values of the shared-memory five restart the standbys first: a standby with less than its primary stops.
 * Lowered ones restart the leader first, and the standbys once they have replayed the change, for the same reason.
 *
 * @param version PostgreSQL's major version: with 18, autovacuum_max_workers no longer takes a restart.
 * @see https://patroni.readthedocs.io/en/latest/patroni_configuration.html
 */
export function describeChange(
  from: DynamicSettings,
  to: DynamicSettings,
  version = usualVersion,
): SettingsChange {
  const older = toJson(from);
  const newer = toJson(to);
  const patch = createMergePatch(older, newer, isSame(version));
  const changes = changesOf(patch, older, version);
  const phases = phasesOf(changes);
  return {
    patch,
    reload: changes.filter(({ effect }) => effect === "reload").map(({ name }) => name),
    restart: changes.filter(({ effect }) => effect !== "reload").map(({ name }) => name),
    phases,
    sentences: [...sentencesOf(changes), ...describeSlots(from, to), ...meaningOf(from, to, phases)],
  };
}

/** Slots are told of one by one, each as a whole. */
function isOfSlots([first]: readonly string[]): boolean {
  return first === "slots" || first === "ignore_slots";
}

function toJson({ postgresql, slots, ignore_slots: kept, ...rest }: DynamicSettings): JsonObject {
  const named = Object.entries(slots ?? {}).map(([name, slot]) => [name, { ...slot }] as const);
  return {
    ...rest,
    ...(slots === undefined ? {} : { slots: Object.fromEntries(named) }),
    ...(kept === undefined ? {} : { ignore_slots: kept.map((one) => ({ ...one })) }),
    postgresql: { ...postgresql, parameters: { ...postgresql.parameters } },
  };
}

function parameterName(path: readonly string[]): string | undefined {
  return path.length === 3 && path[0] === "postgresql" && path[1] === "parameters" ? path[2] : undefined;
}

function isSame(version: number): SameValue {
  return (path, from, to) => {
    const name = parameterName(path);
    return name === undefined
      ? JSON.stringify(from) === JSON.stringify(to)
      : canonical(findParameter(name, version), from) === canonical(findParameter(name, version), to);
  };
}

function canonical(parameter: Parameter | undefined, value: Json): Json {
  if (parameter === undefined || !isScalar(value)) return value;
  return canonicalValue(parameter, value) ?? value;
}

/** The leaves of a patch, each with what it does, sorted by name. */
function changesOf(
  patch: JsonObject,
  from: JsonObject,
  version: number,
  path: readonly string[] = [],
): readonly Change[] {
  return Object.entries(patch)
    .flatMap(([key, value]) => {
      const here = [...path, key];
      const held = from[key];
      if (isObject(value) && !(isOfSlots(here) && here.length > 1))
        return changesOf(value, isObject(held) ? held : {}, version, here);
      const name = parameterName(here);
      const to = value === null ? undefined : value;
      const effect = name === undefined ? "reload" : effectOf(name, held, to, version);
      return [{ name: name ?? here.join("."), path: here, from: held, to, effect } satisfies Change];
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function effectOf(
  name: string,
  from: Json | undefined,
  to: Json | undefined,
  version: number,
): Change["effect"] {
  const parameter = findParameter(name, version);
  if (parameter?.context !== "postmaster") return "reload";
  const [before, after] = [from ?? parameter.default, to ?? parameter.default];
  // A default that is written out, or no longer is, changes nothing.
  if (canonical(parameter, before) === canonical(parameter, after)) return "reload";
  if (!sharedMemoryFive.some((five) => five === name)) return "restart";
  const [older, newer] = [before, after].map((value) =>
    isScalar(value) ? numericValue(parameter, value) : undefined,
  );
  // What is no number was written by hand; Patroni takes the default for it, and a raise is the safer guess.
  if (older === undefined || newer === undefined) return "raise";
  return newer > older ? "raise" : "lower";
}

/** Raised values first; what needs a restart in any order, and all reloads, go with the first round. */
function phasesOf(changes: readonly Change[]): readonly SettingsPhase[] {
  const lowered = changes.filter(({ effect }) => effect === "lower");
  const others = changes.filter(({ effect }) => effect === "restart" || effect === "raise");
  const raises = changes.some(({ effect }) => effect === "raise");
  if (lowered.length === 0 && others.length === 0) return [];
  if (lowered.length === 0) return [{ order: "standbys-first", parameters: names(others) }];
  if (!raises) {
    const parameters = names([...lowered, ...others]).sort();
    return [{ order: "leader-first", parameters }];
  }
  return [
    { order: "standbys-first", parameters: names(others) },
    { order: "leader-first", parameters: names(lowered) },
  ];
}

function names(changes: readonly Change[]): string[] {
  return changes.map(({ name }) => name);
}

function sentencesOf(changes: readonly Change[]): readonly string[] {
  return changes
    .filter(({ path }) => !isOfSlots(path))
    .map(({ name, from, to, effect }) => `${name} ${shown(from)} → ${shown(to)}: ${effects[effect]}`);
}

/** What the changes mean together: for a leader that is lost, and for whoever writes meanwhile. */
function meaningOf(
  from: DynamicSettings,
  to: DynamicSettings,
  phases: readonly SettingsPhase[],
): readonly string[] {
  const recovery = describeRecoveryChange(from, to);
  const sentences = recovery === undefined ? [] : [recovery];
  if (phases.length === 0) return sentences;
  const restarts =
    phases.length === 1
      ? "every member restarts once"
      : "the leader restarts once, every standby up to twice";
  return [...sentences, `${restarts}, one after the other; writes stop while the leader restarts`];
}

const effects: Readonly<Record<Change["effect"], string>> = {
  reload: "taken over without a restart",
  restart: "takes a restart",
  raise: "takes a restart, standbys first, then the leader",
  lower: "takes a restart, the leader first, then the standbys once they have replayed the change",
};

/** A value as a sentence has it. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return "default";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isScalar(value: Json): value is ParameterValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
