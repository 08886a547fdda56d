import type { ProbeResult } from "./write-probe.ts";

/** `write outage as the application saw it: 0.84 s (96 writes a second before, 0 lost)`. */
export function describeOutage(result: ProbeResult): string {
  const { longestGapMs, stillOut, writesPerSecondBefore: rate, missing } = result;
  const facts = [
    ...(rate === undefined ? [] : [`${Math.round(rate)} writes a second before`]),
    missing === undefined ? "nobody could look whether a write is lost" : `${missing.length} lost`,
  ];
  const more = stillOut ? " and goes on" : "";
  return `write outage as the application saw it: ${(longestGapMs / 1000).toFixed(2)} s${more} (${facts.join(", ")})`;
}
