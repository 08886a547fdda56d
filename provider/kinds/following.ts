import { z } from "zod";
import { containerLog } from "../../actions/engine/container-log.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { untilFollowing } from "../../actions/standby/until-following.ts";
import type { Kind } from "../kind.ts";
import { leaderPlace } from "../leader-place.ts";

const inputs = leaderPlace.extend({ cluster: z.string(), followed: z.string() });

/** A cluster that follows another one: its leader has a copy of the data, and receives what is written there. */
export const following: Kind = {
  create: async (properties, { report, signal }) => {
    const { cluster, followed, members, access, deadlineSeconds } = inputs.parse(properties);
    const patroni = patroniClient({ access, signal });
    const deadlineMs = deadlineSeconds * 1000;
    const log = containerLog;
    const leader = await untilFollowing({ members, followed, patroni, log, deadlineMs, report, signal });
    report(`${leader}: follows ${followed}`);
    return { id: cluster, outputs: {} };
  },
};
