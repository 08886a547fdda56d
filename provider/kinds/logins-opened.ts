import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { execOnParts } from "../../actions/engine/container-exec.ts";
import { openLogins } from "../../actions/logins/open-logins.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import type { Kind } from "../kind.ts";

const inputs = z.object({
  cluster: z.string(),
  members: z.array(z.object({ name: z.string(), restUrl: z.string(), engine: z.string() })),
  access: clusterAccess,
  logins: z.array(z.object({ user: z.string(), password: z.string() })),
  superuserPassword: z.string(),
  deadlineSeconds: z.number(),
});

/**
 * The logins of a generation, before anybody uses them. Those of a new cluster are made with it, so there is nothing to
 * do. An update that fails leaves the state as it was, so the next run does it again.
 */
export const loginsOpened: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).cluster, outputs: {} }),
  update: async (_olds, news, { report, signal }) => {
    const { members, access, logins, superuserPassword, deadlineSeconds } = inputs.parse(news);
    report(`${logins.map(({ user }) => user).join(", ")}: let in with new passwords, beside the former ones`);
    const where = { members, patroni: patroniClient({ access, signal }), execOn: execOnParts(members) };
    await openLogins({ ...where, logins, superuserPassword, deadlineMs: deadlineSeconds * 1000, signal });
    return {};
  },
};
