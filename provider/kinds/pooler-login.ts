import { z } from "zod";
import { ensurePoolerLogin } from "../../actions/logins/pooler-login.ts";
import type { Kind, KindContext } from "../kind.ts";
import { atLeader, leaderPlace } from "../leader-place.ts";
import type { Properties } from "../wire.ts";

const inputs = leaderPlace.extend({
  cluster: z.string(),
  user: z.string(),
  password: z.string(),
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
  const { user, password, ...place } = inputs.parse(properties);
  await ensurePoolerLogin({ ...atLeader(place, signal), user, password });
}
