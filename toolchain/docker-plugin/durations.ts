/**
 * Durations as Go writes and reads them. Docker counts in nanoseconds, programs write `1m30s`, and what the engine has
 * comes back in Go's own spelling; a program that spells it otherwise shows a difference.
 *
 * @see https://pkg.go.dev/time#ParseDuration
 */
const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;

/** Nanoseconds of a duration such as `1m30s`; undefined when it is not one, or is negative. */
export function parseDuration(duration: string): number | undefined {
  if (duration === "0") return 0;
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < duration.length) {
    const [, amount, unit] = PART.exec(duration) ?? [];
    if (amount === undefined || unit === undefined) return undefined;
    total += Number(amount) * (NANOSECONDS[unit] ?? 0);
  }
  return duration === "" ? undefined : Math.round(total);
}

/** Go's spelling: `1m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`;
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`;
  const seconds = nanoseconds / 1e9;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${Number((seconds % 60).toFixed(9))}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
