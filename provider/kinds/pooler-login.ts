import { z } from "zod";
import { ensurePoolerLogin } from "../../actions/pooler-login.ts";
import type { Kind, KindContext } from "../kind.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({
  cluster: z.string(),
  host: z.string(),
  port: z.number(),
  superuserPassword: z.string(),
  password: z.string(),
  deadlineSeconds: z.number(),
});

/**
 * The role that a pooler looks others up with. Removing it removes nothing from the database: whoever takes a whole
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
  const { host, port, superuserPassword, password, deadlineSeconds } = inputs.parse(properties);
  const deadlineMs = deadlineSeconds * 1000;
  await ensurePoolerLogin({ host, port, superuserPassword, password, deadlineMs, signal });
}
