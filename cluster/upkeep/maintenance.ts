import type { DayOfWeek, MaintenancePlan, MaintenanceTimes } from "../plan-types.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { stableHash } from "../stable-hash.ts";
import { instantOf, shownAt } from "./wall-clock.ts";

/** As the calendar of JavaScript counts them. */
export const daysOfWeek = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
] as const satisfies readonly DayOfWeek[];

/** One occurrence of the window: from its beginning until just before its end. */
export interface MaintenanceWindow {
  readonly start: Date;
  readonly end: Date;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The hours in which a window lies when the user says nothing: from 23:00 on, for eight hours. Minutes. */
const NIGHT_START = 23 * 60;
const NIGHT_MINUTES = 8 * 60;
/** A window begins at a quarter of an hour. */
const STEP_MINUTES = 15;

/**
 * When the window begins unless the user says so, as `23:45`: so that it ends before 07:00, and spread by the cluster's
 * name, so that not all clusters of a host are worked on at once. One that is longer than the night begins with it.
 */
export function standardStart(clusterName: string, minutes: number): string {
  const places = Math.floor(Math.max(0, NIGHT_MINUTES - minutes) / STEP_MINUTES) + 1;
  const minute = (NIGHT_START + STEP_MINUTES * (stableHash(clusterName) % places)) % (24 * 60);
  return `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;
}

export function planMaintenance({ maintenance }: ClusterSpec): MaintenancePlan {
  const { day, ...daily } = maintenance;
  const times = day === undefined ? daily : { ...daily, day };
  return { ...times, sentence: describeMaintenance(times) };
}

/** `every day from 23:45, for 60 minutes (UTC)`. */
export function describeMaintenance({ day, start, minutes, timeZone }: MaintenanceTimes): string {
  return `every ${day ?? "day"} from ${start}, for ${minutes} minutes (${timeZone})`;
}

/** The window that is open, or else the next one. */
export function windowAt(times: MaintenanceTimes, now: Date): MaintenanceWindow {
  return firstWindow(times, now, ({ end }) => end.getTime() > now.getTime());
}

/** The one after a window. */
export function windowAfter(times: MaintenanceTimes, { start }: MaintenanceWindow): MaintenanceWindow {
  return firstWindow(times, start, (other) => other.start.getTime() > start.getTime());
}

export function isOpen({ start, end }: MaintenanceWindow, now: Date): boolean {
  return start.getTime() <= now.getTime() && now.getTime() < end.getTime();
}

/** Is work of this length done before the window closes, if it begins now? Milliseconds. */
export function fitsInto(window: MaintenanceWindow, now: Date, milliseconds: number): boolean {
  return isOpen(window, now) && now.getTime() + milliseconds <= window.end.getTime();
}

/** It begins by the clock on the wall, and is then as long as it is declared, whatever the clocks do meanwhile. */
function firstWindow(
  { day, start, minutes, timeZone }: MaintenanceTimes,
  near: Date,
  isWanted: (window: MaintenanceWindow) => boolean,
): MaintenanceWindow {
  const today = Math.floor(shownAt(near.getTime(), timeZone) / DAY_MS) * DAY_MS;
  // One of yesterday may still be open, and one of the day before where the clocks were put forward; the next one is a
  // week away at most.
  for (let days = -2; days <= 9; days += 1) {
    const date = today + days * DAY_MS;
    if (day !== undefined && daysOfWeek[new Date(date).getUTCDay()] !== day) continue;
    const begins = instantOf(date + minuteOf(start) * MINUTE_MS, timeZone);
    const window = { start: new Date(begins), end: new Date(begins + minutes * MINUTE_MS) };
    if (isWanted(window)) return window;
  }
  throw new RangeError(`no window within nine days of ${near.toISOString()}`);
}

/** Of the day: 150 for `02:30`. */
function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
