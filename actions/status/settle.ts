import { type HaState, isSteady } from "../../cluster/running/ha-state.ts";
import type { Clock } from "../wait.ts";

/** Between two looks. */
const APART_MS = 1_000;

/** The most looks. */
const MOST_LOOKS = 10;

export interface SettleOptions {
  /** What was told last: it needs no second look. */
  readonly lastKnown?: HaState | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** What a look found; no state when nobody answered. */
export interface Look {
  readonly haState: HaState | undefined;
}

/**
 * Looks until the state is one that may be told: a steady one, the one that was known, or one that two looks a second
 * apart agree on. A cluster whose state is another one at each of ten looks is failing over.
 */
export async function observeTwice<L extends Look>(
  options: SettleOptions,
  look: () => Promise<L>,
): Promise<L | (L & { readonly haState: "FailingOver" })> {
  const { lastKnown, clock, signal } = options;
  const mayBeTold = ({ haState }: Look) =>
    haState !== undefined && (isSteady(haState) || haState === lastKnown);
  let seen = await look();
  if (mayBeTold(seen)) return seen;
  for (let looks = 1; looks < MOST_LOOKS; looks += 1) {
    await clock.sleep(APART_MS, signal);
    const next = await look();
    if (mayBeTold(next) || next.haState === seen.haState) return next;
    seen = next;
  }
  return { ...seen, haState: "FailingOver" };
}
