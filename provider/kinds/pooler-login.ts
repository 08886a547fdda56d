import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { execOnParts } from "../../actions/engine/container-exec.ts";
import { ensurePoolerLogin } from "../../actions/logins/pooler-login.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import type { Kind, KindContext } from "../kind.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({
  cluster: z.string(),
  members: z.array(z.object({ name: z.string(), restUrl: z.string(), engine: z.string() })),
  access: clusterAccess,
  user: z.string(),
  password: z.string(),
  deadlineSeconds: z.number(),
});

/**
 * The roles that a pooler looks others up with. Removing it removes nothing from the database: whoever takes a whole
 * cluster down must not need a leader for it, and nobody knows the role's password any more.
 */
export const poolerLogin: Kind = {
  create: async (properties, context) => {
    await ensure(properties, context);
    return { id: inputs.parse(properties).cluster, outputs: {} };
  },
  update: async (_olds, news, context) => {
    await ensure(news, context);
    return {};
  },
};

async function ensure(properties: Properties, { signal }: KindContext): Promise<void> {
  const { members, access, user, password, deadlineSeconds } = inputs.parse(properties);
  const patroni = patroniClient({ access, signal });
  const where = { members, patroni, execOn: execOnParts(members) };
  await ensurePoolerLogin({ ...where, user, password, deadlineMs: deadlineSeconds * 1000, signal });
}
