import { z } from "zod";
import { signingAuthority, trustingPart } from "../../actions/authority/part.ts";
import type { AuthorityTools } from "../../actions/authority/tools.ts";
import { trustAuthority } from "../../actions/authority/trust.ts";
import type { Kind } from "../kind.ts";
import { narratorOf } from "../narrator.ts";
import { authorityWorld } from "./authority-world.ts";

const inputs = signingAuthority.extend({
  cluster: z.string(),
  former: z.string(),
  parts: z.array(trustingPart),
  deadlineSeconds: z.number(),
});

/**
 * Comes before another authority signs anything. An update that fails leaves the state as it was, so the next run goes
 * on: the former authority, whose key is in it, signs until then what a part needs meanwhile.
 */
export function trustedIn(world: AuthorityTools): Kind {
  return {
    create: async (properties) => ({ id: `${inputs.parse(properties).cluster}-trusted`, outputs: {} }),
    update: async (olds, news, context) => {
      const { deadlineSeconds, ...wanted } = inputs.parse(news);
      const { authority: before } = signingAuthority.parse(olds);
      const { signal, now = () => new Date() } = context;
      const narrator = narratorOf(context);
      const work = { ...wanted, before, narrator, signal, now: now(), deadlineMs: deadlineSeconds * 1000 };
      await trustAuthority(work, world);
      return {};
    },
  };
}

export const trusted: Kind = trustedIn(authorityWorld);
