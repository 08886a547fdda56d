import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { mayBeReplaced } from "../../actions/may-be-replaced.ts";
import { patroniClient } from "../../actions/patroni-client.ts";
import type { Kind } from "../kind.ts";

const inputs = z.object({
  member: z.string(),
  members: z.array(z.object({ name: z.string(), restUrl: z.string() })),
  access: clusterAccess,
});

/**
 * Comes before a member is replaced. A member's first container passes at once: there is nobody to ask yet. An update
 * that fails leaves the state as it was, so the next run asks again.
 */
export const turn: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).member, outputs: {} }),
  update: async (_olds, properties, { report, signal }) => {
    const { member, members, access } = inputs.parse(properties);
    const patroni = patroniClient({ access, signal });
    await mayBeReplaced({ member, members, patroni, warn: (line) => report(line, "warning") });
    return {};
  },
};
