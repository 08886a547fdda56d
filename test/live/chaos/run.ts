import { setTimeout as pause } from "node:timers/promises";
import { longestGap } from "../../../actions/probe/outage.ts";
import { type Acknowledged, check, describeVerdict, type Verdict } from "./checker.ts";
import { type Arena, carryOut, isWhole } from "./faults.ts";
import { plannedFaults } from "./schedule.ts";
import { makeTable, startWriters, storedRows, THROUGH_ENDPOINT, type Writers } from "./writers.ts";

export interface ChaosOptions {
  /** Decides which faults come, and in which order. */
  readonly seed: number;
  /** No fault is begun after that. */
  readonly minutes: number;
}

export interface ChaosReport {
  readonly verdict: Verdict;
  readonly faults: number;
  /** Of a client of the endpoint, milliseconds. */
  readonly longestGapMs: number;
}

/** What the writers have to achieve, after each fault: the cluster serves again. */
const COMMITS = 20;
const COMMITS_MS = 60_000;

/**
 * Faults one after the other under several writers, and what is left of what these were told.
 *
 * @throws Error with the seed and how to repeat it, when the cluster does not become whole or does not serve again.
 */
export async function runChaos(arena: Arena, options: ChaosOptions): Promise<ChaosReport> {
  const say = teller(options);
  await isWhole(arena.cluster);
  await makeTable(arena.cluster);
  const writers = startWriters(arena.cluster);
  let faults = 0;
  let told: readonly Acknowledged[] = [];
  try {
    faults = await faultAfterFault(arena, writers, options, say);
  } catch (error) {
    throw new Error(`${howToRepeat(options)}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    told = await writers.stop();
  }
  const verdict = check(told, await storedRows(arena.cluster));
  const longestGapMs = gapOf(told);
  say(`${faults} faults, ${describeVerdict(verdict)}, longest gap ${seconds(longestGapMs)}`);
  if (isBad(verdict)) say(howToRepeat(options));
  return { verdict, faults, longestGapMs };
}

/** Something is there that must not be. */
export function isBad({ lost, duplicated, overlaps }: Verdict): boolean {
  return lost.length + duplicated.length + overlaps.length > 0;
}

/** The longest time in which a client of the endpoint was told of no commit. */
export function gapOf(told: readonly Acknowledged[]): number {
  const one = told.filter(({ writer }) => writer === THROUGH_ENDPOINT);
  const last = one.at(-1)?.at ?? 0;
  return longestGap(
    one.map(({ seq: id, at }) => ({ id, at })),
    { to: last },
  ).milliseconds;
}

export function howToRepeat({ seed, minutes }: ChaosOptions): string {
  const variables = `CHAOS_SEED=${seed} CHAOS_MINUTES=${minutes.toFixed(1)}`;
  return `chaos of seed ${seed} (again: ${variables} npx vitest run test/live/chaos.test.ts)`;
}

async function faultAfterFault(
  arena: Arena,
  writers: Writers,
  { seed, minutes }: ChaosOptions,
  say: (line: string) => void,
): Promise<number> {
  const end = performance.now() + minutes * 60_000;
  let faults = 0;
  await writers.goOn(COMMITS, COMMITS_MS);
  for (const planned of plannedFaults(seed)) {
    if (performance.now() > end) break;
    faults += 1;
    const began = performance.now();
    await carryOut(arena, planned, say);
    await writers.goOn(COMMITS, COMMITS_MS);
    say(`all is well after ${seconds(performance.now() - began)}`);
    await pause(planned.restMs);
  }
  return faults;
}

/** Each line with the time since the beginning. */
function teller({ seed }: ChaosOptions): (line: string) => void {
  const began = performance.now();
  return (line) => {
    const now = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`chaos ${seed}, ${now.padStart(6)} s: ${line}`);
  };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
