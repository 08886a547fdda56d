import type { MaintenanceTimes } from "../../cluster/plan-types.ts";
import { type MaintenanceWindow, windowAfter } from "../../cluster/upkeep/maintenance.ts";
import type { PendingRestart } from "./pending-work.ts";

/** When a restart begins, if nothing comes between; undefined: never in a window. */
export interface ScheduledRestart {
  readonly work: PendingRestart;
  readonly at: Date | undefined;
}

/**
 * When each of some restarts begins: one after the other from an instant in a window on, as far as they fit into it, and
 * then from the beginning of the next one. One that is longer than a window never fits, nor does what comes after it.
 */
export function scheduleIn(
  times: MaintenanceTimes,
  first: MaintenanceWindow,
  from: Date,
  restarts: readonly PendingRestart[],
): readonly ScheduledRestart[] {
  const longest = times.minutes * 60_000;
  let [window, next]: [MaintenanceWindow, number | undefined] = [first, from.getTime()];
  return restarts.map((work) => {
    const { milliseconds } = work.expected;
    if (milliseconds > longest) next = undefined;
    if (next === undefined) return { work, at: undefined };
    if (next + milliseconds > window.end.getTime()) {
      window = windowAfter(times, window);
      next = window.start.getTime();
    }
    const at = new Date(next);
    next += milliseconds;
    return { work, at };
  });
}
