/** Two zones and no witness: with the zone that has two of three voters nobody writes, until it is back. */
import { setTimeout as pause } from "node:timers/promises";
import { isBad } from "../live/chaos/run.ts";
import { evaluate } from "../live/cluster-view.ts";
import { describeZoneLost, firstOfEachZone, loseZoneOfLeader } from "../zones/lose-zone.ts";
import type { ZonesWorld } from "../zones/zones-world.ts";
import { foretold } from "./foretold.ts";
import { recordsIn, summaries } from "./records.ts";

const kind = "two zones, the one with the majority cut off";
const GONE_MS = 60_000;

export async function proveZoneMajority(
  zones: ZonesWorld & { readonly output: string },
  isTimeLeft: () => boolean,
): Promise<readonly string[]> {
  const records = await recordsIn("zone-majority");
  if (records.of(kind).length === 0 && isTimeLeft()) {
    const said = "not the loss of zone a: 2 of 3 voters stand in it";
    if (!zones.output.includes(said)) throw new Error(`the plan does not say: ${said}`);
    const { names } = await zones.cluster();
    const [leader = ""] = names;
    const model = await foretold(zones, { eligible: firstOfEachZone(names), leader });
    let refused = "";
    const lost = await loseZoneOfLeader(zones, {
      ...{ fault: "link cut", leader },
      meanwhile: async ({ direct }) => {
        await pause(GONE_MS);
        const [other] = direct.filter((_, index) => index > 0);
        refused = await evaluate(other ?? {}, "pg_is_in_recovery()");
      },
    });
    console.log(`${kind}: ${describeZoneLost(lost)}`);
    const { gapMs, verdict } = lost;
    if (refused !== "true" || gapMs < GONE_MS || isBad(verdict) || model !== "stop") {
      throw new Error(`${kind}: standby ${refused}, ${describeZoneLost(lost)}`);
    }
    await records.add({
      kind,
      round: 1,
      gapMs,
      missing: verdict.lost.length,
      acknowledged: verdict.acknowledged,
      model,
    });
  }
  return summaries([kind], records);
}
