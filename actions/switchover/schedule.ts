import { checkSwitchover, type ScheduledSwitchover } from "../../cluster/running/switchover-checks.ts";
import { ActionError } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
import { isPatronisRefusal } from "../patroni/patroni-verbs.ts";
import { type Narrator, Refusal } from "../verbs/verb.ts";
import { type RoleTools, roleTools } from "./role-tools.ts";

export interface ScheduleOptions {
  /** ISO 8601 with a zone, in the future: `2030-01-01T02:00:00+01:00`. */
  readonly at: string;
  /** @default whom Patroni finds fittest then */
  readonly to?: string | undefined;
  /** @default the cluster itself */
  readonly tools?: RoleTools;
  /** @default the time of this machine */
  readonly now?: () => Date;
}

/** What Patroni is to do later. */
export interface ScheduleReport {
  readonly cluster: string;
  readonly scheduled: ScheduledSwitchover | null;
}

export interface CancelReport extends ScheduleReport {
  /** Absent when nothing was scheduled. */
  readonly cancelled?: ScheduledSwitchover;
}

/**
 * Has Patroni hand the leadership over at a time. It does so by itself, whether this machine runs then or not.
 *
 * @throws Refusal with every reason; nothing was changed.
 */
export async function scheduleSwitchover(
  handle: ClusterHandle,
  { at, to, tools = roleTools(handle), now = () => new Date() }: ScheduleOptions,
  narrator: Narrator,
): Promise<ScheduleReport> {
  const time = checkedTime(at, now());
  const wish = { later: true, ...(to === undefined ? {} : { to }) };
  const decision = checkSwitchover(await tools.observe(), wish);
  if (decision.kind === "already") {
    throw new Refusal([`${decision.leader} leads already`], "Name another member, or none.");
  }
  if (decision.kind === "refused") throw new Refusal(decision.reasons, decision.remedy);
  const { leader } = decision;
  const candidate = to === undefined ? {} : { candidate: to };
  try {
    await tools.switchover({ leader, ...candidate, scheduledAt: time });
  } catch (error) {
    if (!isPatronisRefusal(error)) throw error;
    throw new Refusal([error.message], "Look what stands: `spiloctl status`.", { cause: error });
  }
  const { scheduled } = await tools.observe();
  if (scheduled === undefined) {
    throw new ActionError("failed", `Patroni took the switchover at ${time}, but does not know of it now`);
  }
  narrator.note(describeScheduled(scheduled));
  narrator.warn(
    `Patroni carries it out alone: no pool is paused, nothing is measured, and it is dropped when ${leader} no longer leads`,
  );
  return { cluster: handle.name, scheduled };
}

/** What is scheduled, if anything. */
export async function listSwitchover(
  handle: ClusterHandle,
  narrator: Narrator,
  tools: RoleTools = roleTools(handle),
): Promise<ScheduleReport> {
  const { scheduled } = await tools.observe();
  narrator.note(scheduled === undefined ? "no switchover is scheduled" : describeScheduled(scheduled));
  return { cluster: handle.name, scheduled: scheduled ?? null };
}

/** Takes back what is scheduled. Nothing is well too. */
export async function cancelSwitchover(
  handle: ClusterHandle,
  narrator: Narrator,
  tools: RoleTools = roleTools(handle),
): Promise<CancelReport> {
  const { scheduled } = await tools.observe();
  const cancelled = scheduled !== undefined && (await tools.cancelSwitchover());
  if (!cancelled) {
    narrator.note("no switchover is scheduled");
    return { cluster: handle.name, scheduled: null };
  }
  narrator.step(`the ${describeScheduled(scheduled)} is taken back`);
  return { cluster: handle.name, scheduled: null, cancelled: scheduled };
}

/** `switchover to dev-2 at 2030-01-01T02:00:00+00:00`. */
function describeScheduled({ at, to }: ScheduledSwitchover): string {
  return `switchover${to === undefined ? "" : ` to ${to}`} at ${at}`;
}

/**
 * A time that means the same everywhere: in UTC.
 *
 * @throws Refusal when it has no zone, is no time, or is in the past.
 */
export function checkedTime(written: string, now: Date): string {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
  const time = new Date(written);
  const example = `Write for example ${exampleTime(now)}.`;
  if (!form.test(written) || Number.isNaN(time.getTime())) {
    throw new Refusal([`--at ${written}: must be a time of ISO 8601 with a zone`], example);
  }
  if (time <= now) {
    throw new Refusal([`--at ${written}: is in the past; it is ${now.toISOString()} now`], example);
  }
  return time.toISOString();
}

/** An hour from now. */
function exampleTime(now: Date): string {
  return new Date(now.getTime() + 3_600_000).toISOString().replace(/:\d\d\.\d+Z$/, ":00Z");
}
