import { catalogue, type Parameter } from "./catalogue.ts";
import type { ParameterValue } from "./plan-types.ts";
import { formatQuantity, parseQuantity, unitsFor } from "./quantity.ts";

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

const byName: ReadonlyMap<string, Parameter> = new Map(catalogue.map((entry) => [entry.name, entry]));

/** What is known of a parameter; undefined when the catalogue has none of that name. */
export function findParameter(name: string): Parameter | undefined {
  return byName.get(name);
}

/** The names that may be set, sorted. */
export const parameterNames: readonly string[] = [...byName.keys()].sort();

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
      return typeof value === "string" ? value : undefined;
    case "integer":
    case "real":
      return canonicalNumber(parameter, value);
    default:
      return parameter.type satisfies never;
  }
}

/** What a parameter takes, in words: `a whole number from 25 to 262143`. */
export function allowedValues({ type, unit, min, max, values }: Parameter): string {
  switch (type) {
    case "bool":
      return "on or off";
    case "enum":
      return `one of ${(values ?? []).join(", ")}`;
    case "string":
      return "a text";
    case "integer":
    case "real": {
      const kind = type === "real" ? "a number" : "a whole number";
      const range = max === Number.MAX_VALUE ? `of at least ${min}` : `from ${min} to ${max}`;
      return unit === undefined
        ? `${kind} ${range}`
        : `${kind} of ${unit} ${range}, or one with a unit (${unitsFor(unit).join(", ")})`;
    }
    default:
      return type satisfies never;
  }
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
  const { min = number, max = number, unit } = parameter;
  if (number < min || number > max) return undefined;
  return unit === undefined ? number : formatQuantity(number, unit);
}

function plainNumber(value: string | number): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
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
