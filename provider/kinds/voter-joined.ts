import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { voterHasJoined } from "../../actions/voters/has-joined.ts";
import { voterTools } from "../../actions/voters/tools.ts";
import type { Clock } from "../../actions/wait.ts";
import { asItWasUnlessAsked } from "../as-it-was.ts";
import type { Kind } from "../kind.ts";
import { narratorOf } from "../narrator.ts";

const inputs = z.object({
  voter: z.string(),
  voters: z.array(z.object({ name: z.string(), engine: z.string(), url: z.string(), peerUrl: z.string() })),
  container: z.string(),
  access: clusterAccess,
  rootPassword: z.string(),
  files: z.object({ engine: z.string(), image: z.string(), volume: z.string() }),
  configuration: z.object({ file: z.string(), content: z.string() }),
  deadlineSeconds: z.number(),
});

/** What it works with; tests hand in others. */
export interface VoterJoinedWorld {
  readonly tools: typeof voterTools;
  /** @default the system's */
  readonly clock?: Clock;
}

/**
 * Stands between two etcd voters. A voter's first container passes at once: there is no quorum before the others are
 * made. Any later one is a replacement, and the next voter must not be touched before this one votes again.
 */
export function voterJoinedIn({ tools, ...world }: VoterJoinedWorld): Kind {
  return {
    create: async (properties) => ({ id: inputs.parse(properties).voter, outputs: {} }),
    update: async (olds, news, context) => {
      const former = inputs.parse(olds);
      const wanted = inputs.parse(news);
      // Another password is only noted: etcd has it a moment later, and until then the one before.
      if (former.container === wanted.container) return {};
      const { voter, voters, access, rootPassword, files, configuration, deadlineSeconds } = wanted;
      const { signal, report } = context;
      report(`waiting until ${voter} votes in etcd`);
      const options = {
        ...{ voter, voters, access, configuration: configuration.content, signal, ...world },
        rootPasswords: [rootPassword, former.rootPassword],
        narrator: narratorOf(context),
        deadlineMs: deadlineSeconds * 1000,
      };
      await voterHasJoined(options, tools({ voters, files, file: configuration.file, signal }));
      return {};
    },
    /** A voter whose data is gone from its volume joins again by the update. */
    read: async (properties, { signal, report }) => {
      const { voter, voters, files, configuration } = inputs.parse(properties);
      return asItWasUnlessAsked({ report }, async () => {
        const { container } = tools({ voters, files, file: configuration.file, signal });
        if ((await container(voter).hasData()) !== false) return {};
        report(`${voter} has lost its data: the next update has it join etcd again`);
        return { container: "" };
      });
    },
  };
}

export const voterJoined: Kind = voterJoinedIn({ tools: voterTools });
