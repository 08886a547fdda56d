/**
 * A time with a zone in the one form that PostgreSQL, Python and JavaScript read alike: `2026-03-01T12:00:00.5+01:00`.
 *
 * @param written as `restoreFrom.time` takes it: with a blank for the T, without seconds, with a short zone, or as Go
 *   prints a time (`2026-03-01 12:00:00.5 +0000 UTC`).
 */
export function isoTime(written: string): string {
  const [, day, minutes, seconds = ":00", zone = ""] =
    /^(\S{10})[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)? ?(Z|[+-][\d:]+)(?: \S+)?$/.exec(written) ?? [];
  if (day === undefined) return written;
  return `${day}T${minutes}${seconds}${zoneOf(zone)}`;
}

function zoneOf(zone: string): string {
  const [, hours, minutes = "00"] = /^([+-]\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return hours === undefined ? zone : `${hours}:${minutes}`;
}
