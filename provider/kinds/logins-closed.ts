import { z } from "zod";
import { removeOtherEtcdUsers } from "../../actions/etcd/etcd-auth.ts";
import { closeLogins } from "../../actions/logins/close-logins.ts";
import type { Kind } from "../kind.ts";
import { atLeader, leaderPlace } from "../leader-place.ts";

const inputs = leaderPlace.extend({
  cluster: z.string(),
  closed: z.array(z.string()),
  voters: z.array(z.string()),
  etcdUser: z.string(),
  etcdRootPassword: z.string(),
});

/**
 * The end of a rotation: what was logged in with before is good for nothing. A new cluster has nothing to close. An update
 * that fails leaves the state as it was, so the next run does it again.
 */
export const loginsClosed: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).cluster, outputs: {} }),
  update: async (_olds, news, { report, signal }) => {
    const { closed, voters, etcdUser, etcdRootPassword, ...place } = inputs.parse(news);
    report(`${closed.join(", ")}: closed, with their sessions`);
    const leader = atLeader(place, signal);
    const meanwhile = () =>
      removeOtherEtcdUsers({
        endpoints: voters,
        access: place.access,
        rootPassword: etcdRootPassword,
        user: etcdUser,
        ...{ deadlineMs: leader.deadlineMs, signal },
      });
    await closeLogins({ ...leader, closed, meanwhile });
    return {};
  },
};
