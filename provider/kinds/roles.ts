import { z } from "zod";
import { ensureRoles } from "../../actions/logins/roles.ts";
import type { Kind, KindContext } from "../kind.ts";
import { atLeader, leaderPlace } from "../leader-place.ts";
import type { Properties } from "../wire.ts";

const inputs = leaderPlace.extend({
  cluster: z.string(),
  application: z.object({ database: z.string(), role: z.string() }),
  names: z.object({
    application: z.string(),
    operator: z.string(),
    standby: z.string(),
    rewind: z.string(),
  }),
  logins: z.object({ application: z.string(), operator: z.string() }),
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
  const { application, names, logins, ...place } = inputs.parse(properties);
  await ensureRoles({ ...atLeader(place, signal), application, names, logins });
}
