/**
 * What clocks on the wall show in a time zone, and when. Zones and their summer times are those of the IANA database, as
 * the JavaScript engine carries it.
 *
 * A time on the wall is a number here: the milliseconds since 1970 at which the clocks of UTC show the same.
 */

const DAY_MS = 24 * 60 * 60_000;

/** Making one takes longer than using it a thousand times. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Is there a zone of this name? */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The names of all zones, without the older ones that are still understood. */
export function timeZones(): readonly string[] {
  return Intl.supportedValuesOf("timeZone");
}

/** What the clocks of a zone show at an instant (both in milliseconds), to the second. */
export function shownAt(instant: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(instant);
  const numbers = new Map(parts.map(({ type, value }) => [type, Number(value)]));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map((field) =>
    numbers.get(field),
  );
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * When the clocks of a zone show this. Twice, when they are put back: then the first time counts. Never, when they are
 * put forward over it: then as long after the change as it would have been.
 */
export function instantOf(shown: number, timeZone: string): number {
  // No zone is a day away from UTC, so the one is before a change that is near, and the other after it.
  const before = offsetAt(shown - DAY_MS, timeZone);
  const after = offsetAt(shown + DAY_MS, timeZone);
  const candidates = [shown - before, shown - after].filter(
    (instant) => shownAt(instant, timeZone) === shown,
  );
  return candidates.length === 0 ? shown - before : Math.min(...candidates);
}

const fields = ["year", "month", "day", "hour", "minute", "second"] as const;

/** By how much the clocks of a zone are ahead of UTC's, milliseconds. */
function offsetAt(instant: number, timeZone: string): number {
  return shownAt(instant, timeZone) - Math.floor(instant / 1000) * 1000;
}

/** @throws RangeError when there is no such zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timeZone, made);
  return made;
}
