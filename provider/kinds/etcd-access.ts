import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { canLogIn, ensureEtcdAuth } from "../../actions/etcd/etcd-auth.ts";
import { asItWasUnlessAsked } from "../as-it-was.ts";
import type { Kind } from "../kind.ts";

const inputs = z.object({
  endpoints: z.array(z.string()),
  access: clusterAccess,
  rootPassword: z.string(),
  user: z.string(),
  password: z.string(),
  prefix: z.string(),
});

/** For the voters to have a quorum. */
const DEADLINE_MS = 60_000;

/**
 * Users and passwords in a cluster's etcd. Made before anything is written there. Deletion does nothing: they go with
 * the voters.
 */
export const etcdAccess: Kind = {
  create: async (properties, { signal }) => {
    const wanted = inputs.parse(properties);
    await ensureEtcdAuth({ ...wanted, deadlineMs: DEADLINE_MS, signal });
    return { id: wanted.prefix, outputs: {} };
  },
  update: async (olds, news, { signal }) => {
    // A refresh may have found that what is in the state is not so.
    const { rootPassword: previousRootPassword } = inputs.parse(olds);
    await ensureEtcdAuth({ ...inputs.parse(news), previousRootPassword, deadlineMs: DEADLINE_MS, signal });
    return {};
  },
  read: async (properties, { report, signal }) => {
    const { user, password, ...where } = inputs.parse(properties);
    return asItWasUnlessAsked({ report }, async () => {
      if ((await canLogIn(where, { user, password })) === true) return {};
      signal.throwIfAborted();
      report(`etcd does not take ${user}'s password: the next update sets it`, "warning");
      return { password: "" };
    });
  },
};
