import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { newVoterHasJoined, voterHasJoined } from "../../actions/voters/has-joined.ts";
import { voterTools } from "../../actions/voters/tools.ts";
import type { Clock } from "../../actions/wait.ts";
import { engineBy, enginesBy } from "../../cluster/placement/engine-address.ts";
import { asItWasUnlessAsked } from "../as-it-was.ts";
import type { Kind, KindContext } from "../kind.ts";
import { narratorOf } from "../narrator.ts";

const inputs = z.object({
  voter: z.string(),
  voters: z.array(z.object({ name: z.string(), engine: z.string(), url: z.string(), peerUrl: z.string() })),
  instead: z.array(z.string()).default([]),
  container: z.string(),
  access: clusterAccess,
  rootPassword: z.string(),
  files: z.object({ engine: z.string(), image: z.string(), volume: z.string() }),
  configuration: z.object({ file: z.string(), content: z.string() }),
  deadlineSeconds: z.number(),
});

type Inputs = z.infer<typeof inputs>;

/** What it works with; tests hand in others. */
export interface VoterJoinedWorld {
  readonly tools: typeof voterTools;
  /** @default the system's */
  readonly clock?: Clock;
}

/**
 * Stands between two etcd voters. A first container of one that etcd begins with passes: there is no quorum before the
 * others are made. Any other is a replacement, or takes the place of a voter in another zone, and the next voter must not
 * be touched before this one votes.
 */
export function voterJoinedIn({ tools, ...world }: VoterJoinedWorld): Kind {
  const toolsFor = (
    { voters, files, access: { way }, configuration: { file } }: Inputs,
    signal: AbortSignal,
  ) => {
    const there = { ...files, engine: engineBy(way, files.engine) };
    return tools({ voters: enginesBy(way, voters), files: there, file, signal });
  };
  const workOf = (wanted: Inputs, rootPasswords: readonly string[], context: KindContext) => {
    const { voter, voters, instead, access, configuration, deadlineSeconds } = wanted;
    const { signal } = context;
    const options = {
      ...{ voter, voters, instead, access, configuration: configuration.content, signal, ...world },
      rootPasswords,
      narrator: narratorOf(context),
      deadlineMs: deadlineSeconds * 1000,
    };
    return [options, toolsFor(wanted, signal)] as const;
  };
  return {
    create: async (properties, context) => {
      const wanted = inputs.parse(properties);
      const { voter, instead, rootPassword } = wanted;
      // Where it stands in one zone only, etcd knows it from the first moment.
      if (instead.length > 0) await newVoterHasJoined(...workOf(wanted, [rootPassword], context));
      return { id: voter, outputs: {} };
    },
    update: async (olds, news, context) => {
      const former = inputs.parse(olds);
      const wanted = inputs.parse(news);
      // Another password is only noted: etcd has it a moment later, and until then the one before.
      if (former.container === wanted.container) return {};
      context.report(`waiting until ${wanted.voter} votes in etcd`);
      const rootPasswords = [wanted.rootPassword, former.rootPassword];
      await voterHasJoined(...workOf(wanted, rootPasswords, context));
      return {};
    },
    /** A voter whose data is gone from its volume joins again by the update. */
    read: async (properties, { signal, report }) => {
      const wanted = inputs.parse(properties);
      const { voter } = wanted;
      return asItWasUnlessAsked({ report }, async () => {
        const { container } = toolsFor(wanted, signal);
        if ((await container(voter).hasData()) !== false) return {};
        report(`${voter} has lost its data: the next update has it join etcd again`);
        return { container: "" };
      });
    },
  };
}

export const voterJoined: Kind = voterJoinedIn({ tools: voterTools });
