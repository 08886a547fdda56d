/** A commit that was acknowledged: its number, and when (milliseconds of a clock that never goes back). */
export interface Acknowledged {
  readonly id: number;
  readonly at: number;
}

/** The longest time in which nothing was acknowledged. */
export interface Gap {
  /** From the last acknowledged commit before it, or from the beginning. */
  readonly from: number;
  readonly milliseconds: number;
  /** It had not ended when the watching did. */
  readonly open: boolean;
  /** Commits a second in the time before it, at most five seconds of it; absent when there was none. */
  readonly writesPerSecondBefore?: number;
}

/** How far back the rate before a gap is looked at, milliseconds. */
const RATE_WINDOW_MS = 5_000;

/**
 * The longest gap between acknowledged commits.
 *
 * @param acknowledged in the order of time.
 * @param watched when the watching began, if the time before the first commit counts, and when it ended.
 */
export function longestGap(
  acknowledged: readonly Acknowledged[],
  watched: { readonly from?: number; readonly to: number },
): Gap {
  const times = [...(watched.from === undefined ? [] : [watched.from]), ...acknowledged.map(({ at }) => at)];
  const gaps = times.map((from, index) => {
    const next = times[index + 1];
    return { from, milliseconds: (next ?? watched.to) - from, open: next === undefined };
  });
  const none = { from: watched.to, milliseconds: 0, open: false };
  const longest = gaps.reduce((best, gap) => (gap.milliseconds > best.milliseconds ? gap : best), none);
  const rate = rateBefore(acknowledged, longest.from);
  return { ...longest, ...(rate === undefined ? {} : { writesPerSecondBefore: rate }) };
}

/** Counted from the first commit within the window, so that the pause before it is not part of it. */
function rateBefore(acknowledged: readonly Acknowledged[], end: number): number | undefined {
  const within = acknowledged.filter(({ at }) => at <= end && at >= end - RATE_WINDOW_MS);
  const [first] = within;
  if (first === undefined || within.length < 2 || first.at === end) return undefined;
  return ((within.length - 1) * 1000) / (end - first.at);
}
