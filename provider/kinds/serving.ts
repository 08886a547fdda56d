import { z } from "zod";
import { serverAnswers } from "../../actions/server-answers.ts";
import type { Kind } from "../kind.ts";

const inputs = z.object({
  proxy: z.string(),
  address: z.string(),
  port: z.number(),
  container: z.string(),
  deadlineSeconds: z.number(),
});

/**
 * Stands between two proxies. A proxy's first container passes at once: there is no leader yet to lead to. Any later
 * one is a replacement, and the next proxy must not be touched before this one serves.
 */
export const serving: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).proxy, outputs: {} }),
  update: async (_olds, properties, { signal, report }) => {
    const { proxy, address, port, deadlineSeconds } = inputs.parse(properties);
    report(`waiting until ${proxy} leads to the leader`);
    await serverAnswers({ what: proxy, host: address, port, deadlineMs: deadlineSeconds * 1000, signal });
    return {};
  },
};
