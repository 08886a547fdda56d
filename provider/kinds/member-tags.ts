import { z } from "zod";
import { reasonOf } from "../../actions/action-error.ts";
import { containerExec } from "../../actions/engine/container-exec.ts";
import { setMemberTags, memberTags as tagsOf } from "../../actions/patroni/member-tags.ts";
import { type PatroniClient, patroniClient } from "../../actions/patroni/patroni-client.ts";
import { type ClusterReach, clusterReach } from "../../actions/reach.ts";
import type { Clock } from "../../actions/wait.ts";
import { engineBy } from "../../cluster/placement/engine-address.ts";
import { asItWasUnlessAsked } from "../as-it-was.ts";
import { type Kind, type KindContext, Unfinished } from "../kind.ts";

const inputs = z.object({
  member: z.string(),
  engine: z.string(),
  container: z.string(),
  nosync: z.boolean(),
  cluster: clusterReach,
  deadlineSeconds: z.number(),
});

type Inputs = z.infer<typeof inputs>;

/** What it works with; tests hand in others. */
export interface MemberTagsWorld {
  readonly exec: typeof containerExec;
  /** @default the system's */
  readonly clock?: Clock;
}

/**
 * Tags of one member. A new container has none, so that nothing is done where none is wanted. What was begun and not
 * ended keeps the new inputs: the next run then knows that there may be a tag.
 */
export function memberTagsIn(world: MemberTagsWorld): Kind {
  return {
    create: async (properties, context) => {
      const wanted = inputs.parse(properties);
      if (wanted.nosync) await set(wanted, world, context);
      return { id: wanted.member, outputs: {} };
    },
    update: async (olds, news, context) => {
      const wanted = inputs.parse(news);
      if (wanted.nosync || inputs.parse(olds).nosync) await set(wanted, world, context);
      return {};
    },
    /** A tag that was set or lost by hand is put right by the update. */
    read: async (properties, { report, signal }) => {
      const { member, nosync, cluster } = inputs.parse(properties);
      return asItWasUnlessAsked({ report }, async () => {
        const found = await tagsOf(placeIn(cluster, member), clientOf(cluster, signal));
        if (found.nosync === nosync) return {};
        report(`${member} ${found.nosync ? "has" : "does not have"} the tag nosync, other than declared`);
        return { nosync: found.nosync };
      });
    },
  };
}

export const memberTags: Kind = memberTagsIn({ exec: containerExec });

async function set(
  { member, engine, container, nosync, cluster, deadlineSeconds }: Inputs,
  { exec, clock }: MemberTagsWorld,
  { report, signal }: KindContext,
): Promise<void> {
  report(`${member} ${nosync ? "gets the tag nosync" : "loses the tag nosync"}, by a reload of its Patroni`);
  const where = { ...placeIn(cluster, member), container };
  const options = { ...where, tags: { nosync }, deadlineMs: deadlineSeconds * 1000, clock, signal };
  try {
    await setMemberTags(options, {
      exec: exec(engineBy(cluster.credentials.access.way, engine)),
      patroni: clientOf(cluster, signal),
    });
  } catch (error) {
    throw new Unfinished(member, reasonOf(error), { cause: error });
  }
}

function placeIn({ members }: ClusterReach, member: string): { member: string; restUrl: string } {
  const found = members.find(({ name }) => name === member);
  if (found === undefined) throw new Error(`${member} is no member of the cluster`);
  return { member, restUrl: found.restUrl };
}

/** Reading is open to whoever has a certificate. */
function clientOf({ credentials: { access } }: ClusterReach, signal: AbortSignal): PatroniClient {
  return patroniClient({ access, signal });
}
