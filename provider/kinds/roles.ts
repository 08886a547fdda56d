import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { execOnParts } from "../../actions/engine/container-exec.ts";
import { ensureRoles } from "../../actions/logins/roles.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import type { Kind, KindContext } from "../kind.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({
  cluster: z.string(),
  members: z.array(z.object({ name: z.string(), restUrl: z.string(), engine: z.string() })),
  access: clusterAccess,
  application: z.object({ database: z.string(), role: z.string() }),
  names: z.object({
    application: z.string(),
    operator: z.string(),
    standby: z.string(),
    rewind: z.string(),
  }),
  logins: z.object({ application: z.string(), operator: z.string() }),
  deadlineSeconds: z.number(),
});

/**
 * The groups, logins and databases of a cluster. Removing it removes nothing from the database: they go with the
 * cluster's data, or not at all.
 */
export const roles: Kind = {
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
  const { members, access, application, names, logins, deadlineSeconds } = inputs.parse(properties);
  const patroni = patroniClient({ access, signal });
  const where = { members, patroni, execOn: execOnParts(members) };
  await ensureRoles({ ...where, application, names, logins, deadlineMs: deadlineSeconds * 1000, signal });
}
