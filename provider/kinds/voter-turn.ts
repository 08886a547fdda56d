import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { containerRuns } from "../../actions/engine/container-runs.ts";
import { voterMayBeReplaced } from "../../actions/voters/may-be-replaced.ts";
import type { Clock } from "../../actions/wait.ts";
import { wayIsOpen } from "../../actions/way/open-way.ts";
import { engineBy } from "../../cluster/placement/engine-address.ts";
import { asItWasUnlessAsked } from "../as-it-was.ts";
import type { Kind } from "../kind.ts";
import { narratorOf } from "../narrator.ts";

const inputs = z.object({
  voter: z.string(),
  engine: z.string(),
  voters: z.array(z.object({ name: z.string(), url: z.string() })),
  access: clusterAccess,
});

/** What it asks; tests hand in others. */
export interface VoterTurnWorld {
  readonly runs: typeof containerRuns;
  /** @default the system's */
  readonly clock?: Clock;
}

/**
 * Comes before an etcd voter is replaced. A voter's first container passes at once: there is nobody to ask yet. An update
 * that fails leaves the state as it was, so the next run asks again.
 */
export function voterTurnIn({ runs, ...world }: VoterTurnWorld): Kind {
  return {
    create: async (properties) => ({ id: inputs.parse(properties).voter, outputs: {} }),
    update: async (_olds, properties, context) => {
      const narrator = narratorOf(context);
      const wanted = inputs.parse(properties);
      // The silence of all voters means that they are to be repaired; that there is no way to them means nothing.
      await wayIsOpen(wanted.access);
      await voterMayBeReplaced({ ...wanted, narrator, signal: context.signal, ...world });
      return {};
    },
    /** A container that is gone or stands still is made good by the update: that takes a turn like any other. */
    read: async (properties, { report }) => {
      const { voter, engine, access } = inputs.parse(properties);
      return asItWasUnlessAsked({ report }, async () => {
        if (await runs(engineBy(access.way, engine), voter)) return {};
        report(`${voter} does not run: the next update looks at the other voters before it touches it`);
        return { made: "" };
      });
    },
  };
}

export const voterTurn: Kind = voterTurnIn({ runs: containerRuns });
