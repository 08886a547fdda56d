/** The leader's zone is lost in five ways, each zone in turn: somebody elsewhere leads, and nothing is missing. */
import { isBad } from "../live/chaos/run.ts";
import { describeZoneLost, loseZoneOfLeader } from "../zones/lose-zone.ts";
import { zoneFaultNames } from "../zones/zone-faults.ts";
import type { ZonesWorld } from "../zones/zones-world.ts";
import { recordsIn, summaries } from "./records.ts";

export async function proveZones(zones: ZonesWorld, isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("zones");
  const { names } = await zones.cluster();
  for (const fault of zoneFaultNames) {
    for (const [index, leader] of names.entries()) {
      const round = index + 1;
      if (!isTimeLeft() || records.of(fault).some((one) => one.round === round)) continue;
      const lost = await loseZoneOfLeader(zones, { fault, leader });
      console.log(describeZoneLost(lost));
      const { gapMs, leaderAfter, verdict } = lost;
      const elsewhere = zones.zoneOf(leaderAfter) !== zones.zoneOf(leader);
      if (isBad(verdict) || !elsewhere) throw new Error(describeZoneLost(lost));
      const { acknowledged, overlaps } = verdict;
      const counts = { acknowledged, overlaps: overlaps.length, missing: verdict.lost.length };
      await records.add({ kind: fault, round, gapMs, leader, leaderAfter, ...counts });
    }
  }
  return summaries(zoneFaultNames, records);
}
