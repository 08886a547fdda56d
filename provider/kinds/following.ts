import { z } from "zod";
import { containerLog } from "../../actions/engine/container-log.ts";
import { untilFollowing } from "../../actions/standby/until-following.ts";
import type { Kind } from "../kind.ts";
import { atLeader, leaderPlace } from "../leader-place.ts";

const inputs = leaderPlace.extend({ cluster: z.string(), followed: z.string() });

/** A cluster that follows another one: its leader has a copy of the data, and receives what is written there. */
export const following: Kind = {
  create: async (properties, { report, signal }) => {
    const { cluster, followed, ...place } = inputs.parse(properties);
    const log = containerLog;
    const leader = await untilFollowing({ ...atLeader(place, signal), followed, log, report });
    report(`${leader}: follows ${followed}`);
    return { id: cluster, outputs: {} };
  },
};
