/**
 * A time with a zone in the one form that PostgreSQL, Python and JavaScript read alike: `2026-03-01T12:00:00.5+01:00`.
 *
 * @param written as `restoreFrom.time` takes it: with a blank for the T, without seconds, or with a short zone.
 */
export function isoTime(written: string): string {
  const [, day, minutes, seconds = ":00", zone = ""] =
    /^(\S{10})[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-].*)$/.exec(written) ?? [];
  if (day === undefined) return written;
  return `${day}T${minutes}${seconds}${zoneOf(zone)}`;
}

function zoneOf(zone: string): string {
  const [, hours, minutes = "00"] = /^([+-]\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return hours === undefined ? zone : `${hours}:${minutes}`;
}
