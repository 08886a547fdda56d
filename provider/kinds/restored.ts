import { z } from "zod";
import { containerLog } from "../../actions/engine/container-log.ts";
import { closeLogins } from "../../actions/logins/close-logins.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { restored as awaitRestored } from "../../actions/restore/restored.ts";
import type { Kind } from "../kind.ts";
import { atLeader, leaderPlace } from "../leader-place.ts";

const inputs = leaderPlace.extend({
  cluster: z.string(),
  closed: z.array(z.string()),
  restUser: z.string(),
  restPassword: z.string(),
});

/**
 * A cluster that has begun from an archive: somebody leads, with the data as of the target. Logins that came along and are
 * not in use here are closed: they have passwords of the cluster that was archived. Those in use get this cluster's, from
 * Patroni and with the roles.
 */
export const restored: Kind = {
  create: async (properties, { report, signal }) => {
    const {
      cluster,
      closed,
      restUser: username,
      restPassword: password,
      ...place
    } = inputs.parse(properties);
    const leader = atLeader(place, signal);
    const patroni = patroniClient({ access: place.access, credentials: { username, password }, signal });
    const to = await awaitRestored({ ...leader, patroni, log: containerLog, report });
    const lastCommit = to.lastCommit ?? "that of the base backup";
    report(`${to.leader}: restored; the last commit in it is ${lastCommit}, at ${to.position}`);
    await closeLogins({ ...leader, deadlineMs: 120_000, closed });
    return { id: cluster, outputs: { lastCommit } };
  },
};
