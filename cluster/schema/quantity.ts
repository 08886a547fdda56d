/**
 * Quantities as PostgreSQL writes them: `64MB`, `5min`, or a plain number in the setting's own unit.
 * Memory counts in steps of 1024.
 * @see https://www.postgresql.org/docs/17/config-setting.html#CONFIG-SETTING-NAMES-VALUES
 */

const bytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};
const microseconds: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1e3,
  s: 1e6,
  min: 60e6,
  h: 3600e6,
  d: 86400e6,
};

const units = {
  B: { size: 1, written: bytes },
  kB: { size: 1024, written: bytes },
  "8kB": { size: 8 * 1024, written: bytes },
  MB: { size: 1024 ** 2, written: bytes },
  ms: { size: 1e3, written: microseconds },
  s: { size: 1e6, written: microseconds },
  min: { size: 60e6, written: microseconds },
} as const;

/** The unit that a setting counts in. */
export type Unit = keyof typeof units;

const unitNames = ["B", "kB", "8kB", "MB", "ms", "s", "min"] as const satisfies readonly Unit[];

/** The unit of this name. @throws RangeError when it is none that a parameter counts in. */
export function unitNamed(name: string): Unit {
  const unit = unitNames.find((known) => known === name);
  if (unit === undefined) throw new RangeError(`not a unit: ${name}`);
  return unit;
}

/** The units that a value may be written with. */
export function unitsFor(unit: Unit): readonly string[] {
  return Object.keys(units[unit].written);
}

/** The value counted in `unit`, which may be a fraction; undefined when the text is no such quantity. */
export function parseQuantity(value: string | number, unit: Unit): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(value);
  if (!match) return undefined;
  const amount = Number(match[1]);
  const suffix = match[2] ?? "";
  if (suffix === "") return amount;
  const { size, written } = units[unit];
  const suffixSize = written[suffix];
  return suffixSize === undefined ? undefined : (amount * suffixSize) / size;
}

/**
 * One spelling for equal quantities: the largest unit that divides the value, and no unit for 0 and for negative
 * values, which have a meaning of their own.
 */
export function formatQuantity(value: number, unit: Unit): string | number {
  if (value <= 0 || !Number.isInteger(value)) return value;
  const { size, written } = units[unit];
  const total = value * size;
  const largest = Object.entries(written).findLast(([, suffixSize]) => total % suffixSize === 0);
  return largest === undefined ? value : `${total / largest[1]}${largest[0]}`;
}

/** A memory size such as `2GB` in MiB. @throws RangeError when it is none; specifications are checked before. */
export function memoryMib(text: string): number {
  const mib = parseQuantity(text, "MB");
  if (mib === undefined) throw new RangeError(`not a memory size: ${text}`);
  return Math.floor(mib);
}

/** A duration such as `60s` in seconds. @throws RangeError when it is none; specifications are checked before. */
export function durationSeconds(text: string): number {
  const seconds = parseQuantity(text, "s");
  if (seconds === undefined) throw new RangeError(`not a duration: ${text}`);
  return seconds;
}
