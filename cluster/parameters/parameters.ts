import type { ParameterValue } from "../plan-types.ts";
import { formatQuantity, parseQuantity, type Unit, unitNamed, unitsFor } from "../schema/quantity.ts";
import { type Context, catalogueFile, type Entry, type Facts } from "./catalogue.ts";
import { memberChannel, narrowed } from "./parameter-channels.ts";
import { refusalOf } from "./refused-parameters.ts";

/** A parameter of one version of PostgreSQL, and how its value reaches the servers. */
export interface Parameter {
  readonly name: string;
  readonly type: Facts["type"];
  readonly context: Context;
  /**
   * `dynamic`: through Patroni's `/config`, changed at run time. `member`: through SPILO_CONFIGURATION, because Spilo
   * sets it locally and local settings win; a change replaces the members. `refused`: not from a specification.
   */
  readonly channel: "dynamic" | "member" | "refused";
  /** What is in force when nothing is set. */
  readonly default: ParameterValue;
  readonly unit?: Unit;
  readonly min?: number;
  readonly max?: number;
  /** A number must be a multiple of this. */
  readonly step?: number;
  /** One number outside the range that is allowed as well, with a meaning of its own. */
  readonly besides?: number;
  /** What a text must be. */
  readonly form?: "word" | "time zone";
  /** The words that an enum takes. */
  readonly values?: readonly string[];
}

/** The version whose facts count where none is given: the default of `postgresql.version`. */
export const usualVersion = 17;

/**
 * The five that size PostgreSQL's shared memory and whose values a standby must not have lower than its primary:
 * it refuses to start, or stops replaying.
 * @see https://www.postgresql.org/docs/17/hot-standby.html#HOT-STANDBY-ADMIN
 */
export const sharedMemoryFive = [
  "max_connections",
  "max_locks_per_transaction",
  "max_prepared_transactions",
  "max_wal_senders",
  "max_worker_processes",
] as const;

/** What is known of a parameter in a version; undefined when that has none of the name. */
export function findParameter(name: string, version = usualVersion): Parameter | undefined {
  return parametersOf(version).get(name);
}

/** The parameters that may be set for a version, sorted by name. */
export function settableParameters(version = usualVersion): readonly Parameter[] {
  return [...parametersOf(version).values()].filter(({ channel }) => channel !== "refused");
}

const read = new Map<number, ReadonlyMap<string, Parameter>>();

/** Read once for each version: a preview looks up many, of one. */
function parametersOf(version: number): ReadonlyMap<string, Parameter> {
  const known = read.get(version) ?? readParameters(version);
  read.set(version, known);
  return known;
}

function readParameters(version: number): ReadonlyMap<string, Parameter> {
  const found = catalogueFile.parameters.flatMap((entry) => {
    const facts = entry.facts.find(({ versions }) => versions.includes(version));
    return facts === undefined ? [] : [[entry.name, readParameter(entry, facts)] as const];
  });
  return new Map(found);
}

function readParameter({ name }: Entry, facts: Facts): Parameter {
  const { versions: _, documented: __, unit: unitName, ...rest } = facts;
  const unit = unitName === undefined ? undefined : unitNamed(unitName);
  const standard = unit === undefined ? facts.default : formatQuantity(Number(facts.default), unit);
  return {
    name,
    ...rest,
    ...(unit === undefined ? {} : { unit }),
    default: standard,
    ...narrowed[name],
    channel: channelOf(name),
  };
}

function channelOf(name: string): Parameter["channel"] {
  if (refusalOf(name) !== undefined) return "refused";
  return memberChannel.has(name) ? "member" : "dynamic";
}

/**
 * The one spelling of a value: `1024kB` and `1MB` are both `1MB`, `true` and `yes` are `on`. A comparison of two
 * canonical values is a comparison of what PostgreSQL does with them.
 *
 * @returns undefined when the parameter does not take the value.
 */
export function canonicalValue(parameter: Parameter, value: ParameterValue): ParameterValue | undefined {
  switch (parameter.type) {
    case "bool":
      return canonicalBool(value);
    case "enum":
      return canonicalWord(value, parameter.values ?? []);
    case "string":
      return canonicalText(parameter, value);
    case "integer":
    case "real":
      return canonicalNumber(parameter, value);
    default:
      return parameter.type satisfies never;
  }
}

/** What a parameter takes, in words: `a whole number from 25 to 262143`. */
export function allowedValues(parameter: Parameter): string {
  switch (parameter.type) {
    case "bool":
      return "on or off";
    case "enum":
      return `one of ${(parameter.values ?? []).join(", ")}`;
    case "string":
      return texts[parameter.form ?? "text"];
    case "integer":
    case "real":
      return allowedNumbers(parameter);
    default:
      return parameter.type satisfies never;
  }
}

const texts = {
  text: "a text on one line",
  word: "a word",
  "time zone": "the name of a time zone, such as Europe/Berlin",
} as const;

function allowedNumbers({ type, unit, min, max, step, besides }: Parameter): string {
  const kind = type === "real" ? "a number" : "a whole number";
  const range = max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
  const counted =
    unit === undefined ? kind : `${besides === undefined ? "" : `${besides}, or `}${kind} of ${unit}`;
  const steps = step === undefined ? "" : ` that is a multiple of ${step}`;
  const units = unit === undefined ? "" : `, or one with a unit (${unitsFor(unit).join(", ")})`;
  return `${counted} ${range}${steps}${units}`;
}

/** The value as a plain number in the parameter's unit, to tell raised from lowered. */
export function numericValue(parameter: Parameter, value: ParameterValue): number | undefined {
  if (typeof value === "boolean") return undefined;
  return parameter.unit === undefined ? plainNumber(value) : parseQuantity(value, parameter.unit);
}

function canonicalNumber(parameter: Parameter, value: ParameterValue): ParameterValue | undefined {
  const counted = numericValue(parameter, value);
  if (counted === undefined) return undefined;
  // PostgreSQL rounds `1.5MB` to whole units, but takes no fraction where the unit itself is 1.
  if (parameter.type === "integer" && parameter.unit === undefined && !Number.isInteger(counted))
    return undefined;
  const number = parameter.type === "integer" ? Math.round(counted) : counted;
  const { min = number, max = number, step = 1, besides, unit } = parameter;
  if (number !== besides && (number < min || number > max)) return undefined;
  if (step > 1 && number % step !== 0) return undefined;
  return unit === undefined ? number : formatQuantity(number, unit);
}

function plainNumber(value: string | number): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}

/** A line break could end a setting in the file that Patroni writes. YAML may have read a word as something else. */
function canonicalText({ form }: Parameter, value: ParameterValue): string | undefined {
  const text = typeof value === "boolean" ? (value ? "on" : "off") : String(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  return /[\u0000-\u001f\u007f]/.test(text) || !hasForm(text, form) ? undefined : text;
}

function hasForm(text: string, form: Parameter["form"]): boolean {
  if (form === "word") return /^\S+$/.test(text);
  return form === undefined || isTimeZone(text);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (error) {
    // The only way to ask.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function canonicalBool(value: ParameterValue): "on" | "off" | undefined {
  const word = String(value).toLowerCase();
  if (["on", "true", "yes", "1"].includes(word)) return "on";
  if (["off", "false", "no", "0"].includes(word)) return "off";
  return undefined;
}

function canonicalWord(value: ParameterValue, words: readonly string[]): string | undefined {
  // YAML 1.1 reads a bare on or off as a boolean; the words on and off are meant.
  const word = typeof value === "boolean" ? (value ? "on" : "off") : String(value).toLowerCase();
  return words.includes(word) ? word : undefined;
}
