import { z } from "zod";
import { openLogins } from "../../actions/logins/open-logins.ts";
import type { Kind } from "../kind.ts";
import { atLeader, leaderPlace } from "../leader-place.ts";

const inputs = leaderPlace.extend({
  cluster: z.string(),
  logins: z.array(z.object({ user: z.string(), password: z.string() })),
  superuserPassword: z.string(),
});

/**
 * The logins of a generation, before anybody uses them. Those of a new cluster are made with it, so there is nothing to
 * do. An update that fails leaves the state as it was, so the next run does it again.
 */
export const loginsOpened: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).cluster, outputs: {} }),
  update: async (_olds, news, { report, signal }) => {
    const { logins, superuserPassword, ...place } = inputs.parse(news);
    report(`${logins.map(({ user }) => user).join(", ")}: let in with new passwords, beside the former ones`);
    await openLogins({ ...atLeader(place, signal), logins, superuserPassword });
    return {};
  },
};
