import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { execOnParts } from "../../actions/engine/container-exec.ts";
import { removeOtherEtcdUsers } from "../../actions/etcd/etcd-auth.ts";
import { closeLogins } from "../../actions/logins/close-logins.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import type { Kind } from "../kind.ts";

const inputs = z.object({
  cluster: z.string(),
  members: z.array(z.object({ name: z.string(), restUrl: z.string(), engine: z.string() })),
  access: clusterAccess,
  closed: z.array(z.string()),
  voters: z.array(z.string()),
  etcdUser: z.string(),
  etcdRootPassword: z.string(),
  deadlineSeconds: z.number(),
});

/**
 * The end of a rotation: what was logged in with before is good for nothing. A new cluster has nothing to close. An update
 * that fails leaves the state as it was, so the next run does it again.
 */
export const loginsClosed: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).cluster, outputs: {} }),
  update: async (_olds, news, { report, signal }) => {
    const { members, access, closed, deadlineSeconds, ...etcd } = inputs.parse(news);
    report(`${closed.join(", ")}: closed, with their sessions`);
    const limits = { deadlineMs: deadlineSeconds * 1000, signal };
    const where = { members, patroni: patroniClient({ access, signal }), execOn: execOnParts(members) };
    const meanwhile = () =>
      removeOtherEtcdUsers({
        endpoints: etcd.voters,
        access,
        rootPassword: etcd.etcdRootPassword,
        user: etcd.etcdUser,
        ...limits,
      });
    await closeLogins({ ...where, closed, meanwhile, ...limits });
    return {};
  },
};
