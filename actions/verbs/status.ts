import type { HaState } from "../../cluster/running/ha-state.ts";
import { recordHaState } from "../events.ts";
import type { ClusterHandle } from "../handle.ts";
import { type ObserveOptions, observeStatus } from "../status/observe.ts";
import type { StatusReport } from "../status/report.ts";

export interface StatusOptions extends ObserveOptions {
  /** Whether a state that was not noted yet is noted in the database, when it can be. @default true */
  readonly record?: boolean;
}

/**
 * How a cluster stands: who leads, how far the others are behind, and everything that the next hour depends on. Changes
 * nothing but the note of a new state. Whatever cannot be asked is in `unknown`; nothing of that is an exception.
 */
export async function status(handle: ClusterHandle, options: StatusOptions = {}): Promise<StatusReport> {
  const { record = true, ...observe } = options;
  const report = await observeStatus(handle, observe);
  if (record && isNews(report, options.lastKnown)) await recordHaState(handle, report.haState);
  return report;
}

type Told = StatusReport & { readonly haState: HaState };

/** Nothing can be noted while nobody leads. */
function isNews(report: StatusReport, lastKnown: HaState | undefined): report is Told {
  return report.haState !== null && report.haState !== lastKnown && report.leader !== null;
}
