import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { clusterIsReady } from "../../actions/readiness.ts";
import { insistOnStandbys } from "../../actions/rolling/insist-on-standbys.ts";
import type { Kind, KindContext } from "../kind.ts";
import { runMemory } from "../run-memory.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({
  cluster: z.string(),
  incarnation: z.string(),
  strict: z.boolean(),
  members: z.array(z.object({ name: z.string(), restUrl: z.string() })),
  replicas: z
    .array(z.object({ name: z.string(), restUrl: z.string(), applyDelaySeconds: z.number().optional() }))
    .default([]),
  synchronousStandbys: z.number(),
  restUser: z.string(),
  restPassword: z.string(),
  access: clusterAccess,
  deadlineSeconds: z.number(),
});

/**
 * Made when the cluster has a leader and all its standbys stream; made sure of again when members are added. It goes
 * before any member does, and only with all of them.
 */
export const readiness: Kind = {
  create: async (properties, context) => {
    await wait(properties, context);
    return { id: inputs.parse(properties).cluster, outputs: {} };
  },
  update: async (_olds, news, context) => {
    await wait(news, context);
    return {};
  },
  delete: async (properties) => {
    runMemory(inputs.parse(properties).incarnation).goesDown = true;
  },
};

async function wait(properties: Properties, { signal }: KindContext): Promise<void> {
  const { restUser, restPassword, access, deadlineSeconds, strict, ...wanted } = inputs.parse(properties);
  const credentials = { username: restUser, password: restPassword };
  const patroni = patroniClient({ access, credentials, signal });
  await clusterIsReady({ ...wanted, patroni, deadlineMs: deadlineSeconds * 1000, signal });
  if (strict) await insistOnStandbys(patroni, wanted.members);
}
