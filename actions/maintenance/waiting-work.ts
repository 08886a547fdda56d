import type { MaintenanceTimes } from "../../cluster/plan-types.ts";
import type { Length } from "./lengths.ts";
import type { PendingRestart, PendingWork } from "./pending-work.ts";
import type { ScheduledRestart } from "./schedule.ts";

/** What is not done yet. */
export interface WaitingWork {
  readonly what: string;
  /** When it is done, ISO 8601: the beginning of a window, or Patroni's time; null: when somebody sees to it. */
  readonly at: string | null;
  /** Why it waits, or who does it. */
  readonly because: string;
}

/** @param because why those wait that fit into a window at all. */
export function restartsWait(
  scheduled: readonly ScheduledRestart[],
  { minutes }: MaintenanceTimes,
  because: (work: PendingRestart) => string,
): readonly WaitingWork[] {
  const endless = scheduled.find(({ at }) => at === undefined)?.work;
  return scheduled.map(({ work, at }) => {
    const what = restartInWords(work);
    if (at !== undefined || endless === undefined)
      return { what, at: at?.toISOString() ?? null, because: because(work) };
    const took = lengthInWords(endless.expected);
    const longer = `it takes ${took}, and a window has ${minutes} min: raise maintenance.minutes, or use --now`;
    return { what, at: null, because: work === endless ? longer : `${endless.member} comes first` };
  });
}

export function otherWaits(work: PendingWork): readonly WaitingWork[] {
  return work.kind === "restart" ? [] : [{ what: work.what, at: work.at, because: work.by }];
}

/** `restart of dev-2, a standby, for max_connections: about 12 s (measured)`. */
export function describeWork(work: PendingWork): string {
  if (work.kind !== "restart") {
    const length = work.expected === null ? "" : `, ${lengthInWords(work.expected)}`;
    return `${work.what}: ${work.by}${length}`;
  }
  const outage =
    work.outageMs === null ? "" : `, nobody writes for about ${secondsInWords(work.outageMs)} of it`;
  return `${restartInWords(work)}: ${lengthInWords(work.expected)}${outage}`;
}

function restartInWords({ member, role, parameters }: PendingRestart): string {
  const who = role === "leader" ? "the leader" : "a standby";
  return `restart of ${member}, ${who}, for ${parameters.join(", ")}`;
}

function lengthInWords({ milliseconds, measured }: Length): string {
  return `about ${secondsInWords(milliseconds)} (${measured ? "measured" : "assumed"})`;
}

function secondsInWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 600 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
