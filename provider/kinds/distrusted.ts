import { z } from "zod";
import { type DistrustWork, distrustFormer } from "../../actions/authority/distrust.ts";
import { distrustingPart, signingAuthority } from "../../actions/authority/part.ts";
import type { AuthorityTools } from "../../actions/authority/tools.ts";
import type { Kind } from "../kind.ts";
import { narratorOf } from "../narrator.ts";
import { authorityWorld } from "./authority-world.ts";

const inputs = signingAuthority.extend({
  cluster: z.string(),
  parts: z.array(distrustingPart),
  deadlineSeconds: z.number(),
});

/**
 * Comes last of all. An update that fails leaves the state as it was, and with it the former authority's key, by which
 * the next run sees who trusts that one still; an update that is done drops it.
 */
export function distrustedIn(world: AuthorityTools, shownBy?: NonNullable<DistrustWork["shownBy"]>): Kind {
  return {
    create: async (properties) => ({ id: `${inputs.parse(properties).cluster}-distrusted`, outputs: {} }),
    update: async (olds, news, context) => {
      const { deadlineSeconds, ...wanted } = inputs.parse(news);
      const { authority: before } = signingAuthority.parse(olds);
      const { signal, now = () => new Date() } = context;
      const work = {
        ...wanted,
        ...(shownBy === undefined ? {} : { shownBy }),
        before,
        narrator: narratorOf(context),
        signal,
        now: now(),
        deadlineMs: deadlineSeconds * 1000,
      };
      await distrustFormer(work, world);
      return {};
    },
  };
}

export const distrusted: Kind = distrustedIn(authorityWorld);
