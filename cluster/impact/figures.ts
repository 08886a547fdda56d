import type { Figure } from "./change.ts";
import type { MeasuredCause } from "./claims.ts";

/**
 * What to expect where a cluster's own history says nothing: medians and the worst of this project's proofs, on a machine
 * of two cores.
 */
export const writtenFigures: Readonly<Record<MeasuredCause, Figure | undefined>> = {
  switchover: {
    expectedMs: 4_300,
    worstMs: 6_900,
    source: { kind: "docs", page: "docs/measured/changes.txt" },
  },
  restart: {
    expectedMs: 2_000,
    worstMs: 3_800,
    source: { kind: "docs", page: "docs/measured/restarts.txt" },
  },
  replacement: undefined,
  "slot copies": undefined,
};

/** Of how many events the figures of a cluster's own history are made: machines and data change. */
const LATEST = 10;

/**
 * The median and the longest of what was measured last.
 *
 * @param milliseconds oldest first.
 * @returns undefined when there is nothing.
 */
export function figureFrom(milliseconds: readonly number[]): Figure | undefined {
  const newest = milliseconds.slice(-LATEST).toSorted((left, right) => left - right);
  const worstMs = newest.at(-1);
  const expectedMs = newest[Math.floor((newest.length - 1) / 2)];
  if (worstMs === undefined || expectedMs === undefined) return undefined;
  return { expectedMs, worstMs, source: { kind: "history", events: newest.length } };
}
