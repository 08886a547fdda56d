import { setTimeout as pause } from "node:timers/promises";
import type { Zone } from "../../toolchain/zones/lab.ts";

/** What can befall a whole zone. */
interface ZoneFault {
  /** Returns when it has happened; what goes on for a while, goes on for about that long. */
  cause(zone: Zone): Promise<void>;
  /** The zone can be had again. It is not waited for anybody in it. */
  mend(zone: Zone): Promise<void>;
}

const FLAPS = 8;

export const zoneFaults = {
  "link cut": { cause: (zone) => zone.cut(), mend: (zone) => zone.mend() },
  "zone killed": { cause: (zone) => zone.kill(), mend: (zone) => zone.start() },
  "zone frozen": { cause: (zone) => zone.freeze(), mend: (zone) => zone.thaw() },
  "one-way cut": { cause: (zone) => zone.loseOutgoing(), mend: (zone) => zone.keepOutgoing() },
  // Up for a second and down for three: too short to live by, and long enough to be believed in. Then it stays down.
  "flapping link": {
    cause: async (zone) => {
      for (let flap = 0; flap < FLAPS; flap += 1) {
        await zone.cut();
        await pause(3_000);
        await zone.mend();
        await pause(1_000);
      }
      await zone.cut();
    },
    mend: (zone) => zone.mend(),
  },
} as const satisfies Readonly<Record<string, ZoneFault>>;

export type ZoneFaultName = keyof typeof zoneFaults;

export const zoneFaultNames = Object.keys(zoneFaults) as readonly ZoneFaultName[];
