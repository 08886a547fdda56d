import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { patroniClient } from "../../actions/patroni-client.ts";
import { memberHasJoined } from "../../actions/readiness.ts";
import type { Kind } from "../kind.ts";

const inputs = z.object({
  member: z.string(),
  restUrl: z.string(),
  container: z.string(),
  access: clusterAccess,
  deadlineSeconds: z.number(),
});

/**
 * Stands between two members of the chain. A member's first container passes at once: a cluster bootstraps faster when
 * all of its members start together, and readiness waits for them in the end. Any later container is a replacement in
 * a cluster that serves, and the next member must not be touched before this one has joined.
 */
export const joined: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).member, outputs: {} }),
  update: async (_olds, properties, { signal, report }) => {
    const { member, restUrl, access, deadlineSeconds } = inputs.parse(properties);
    report(`waiting until ${member} has joined again`);
    const patroni = patroniClient({ access, signal });
    await memberHasJoined({ name: member, restUrl, patroni, deadlineMs: deadlineSeconds * 1000, signal });
    return {};
  },
};
