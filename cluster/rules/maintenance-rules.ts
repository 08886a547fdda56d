import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { didYouMean } from "../schema/spelling.ts";
import { isTimeZone, timeZones } from "../upkeep/wall-clock.ts";
import type { Rule } from "./rule.ts";

/** What the maintenance window needs beyond its form. */
export const maintenanceRules: readonly Rule[] = [{ reads: ["maintenance.timeZone"], check: timeZoneExists }];

/** Names come and go with the zones that countries decide on, so the form says little. */
function timeZoneExists({ maintenance: { timeZone } }: ClusterSpec): readonly SpecIssue[] {
  if (isTimeZone(timeZone)) return [];
  const otherwise =
    "Write a name of the IANA time zone database such as Europe/Berlin, or remove the key for UTC.";
  return [
    {
      path: "maintenance.timeZone",
      value: timeZone,
      message: "no time zone has this name",
      remedy: didYouMean(timeZone, timeZones(), otherwise),
    },
  ];
}
