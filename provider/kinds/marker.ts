import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { ActionError } from "../../actions/action-error.ts";
import {
  markedArchives,
  markerName,
  markerOn,
  removeMarker,
  writeMarker,
} from "../../actions/engine/marker.ts";
import type { Marker } from "../../cluster/leases/marker.ts";
import { asItWasUnlessAsked } from "../as-it-was.ts";
import type { Kind, KindContext } from "../kind.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({
  project: z.string(),
  stack: z.string(),
  cluster: z.string(),
  incarnation: z.string(),
  engines: z.array(z.string()),
  /** Of zones that are not available: nobody is called there, and the marker stays beside what else is left there. */
  lost: z.array(z.string()).default([]),
  ttlSeconds: z.number().optional(),
  owner: z.string().optional(),
  protected: z.boolean(),
  archives: markedArchives,
});

const outputs = z.object({ since: z.string() });

/**
 * What is written down of a cluster for `spiloctl sweep`, on each engine that it is on. Every update counts the time to
 * live anew.
 */
export const marker: Kind = {
  create: async (properties, context) => ({
    // The id is the name of the volume: whoever looks for what no state knows of finds that this one does.
    id: markerName(inputs.parse(properties)),
    outputs: await write(properties, context),
  }),
  update: async (olds, news, context) => {
    // First, as a former one may be one of the present ones by another name.
    await leaveFormer(olds, news, context);
    return await write(news, context);
  },
  read: async (properties, context) =>
    await asItWasUnlessAsked(context, async () => {
      const told = inputs.parse(properties);
      const { since } = outputs.parse(properties);
      for (const engine of told.engines) {
        const there = await markerOn({ engine, signal: context.signal }, told);
        // Otherwise than is declared, so that the next update writes it again. By its engines it has to be deleted.
        if (!isDeepStrictEqual(there, plainOf(saying(told, engine, since)))) {
          return { protected: !told.protected };
        }
      }
      return {};
    }),
  delete: async (properties, { signal }) => {
    const { engines, ...owner } = inputs.parse(properties);
    for (const engine of engines) await removeMarker({ engine, signal }, owner);
  },
};

/** On an engine that the cluster has left, a marker would speak of it as if it were there, and be never counted anew. */
async function leaveFormer(
  olds: Properties,
  news: Properties,
  { signal, report }: KindContext,
): Promise<void> {
  const [before, now] = [inputs.parse(olds), inputs.parse(news)];
  // Of another life it stays until that is swept.
  if (markerName(before) !== markerName(now)) return;
  const former = before.engines.filter((engine) => ![...now.engines, ...now.lost].includes(engine));
  const left = former.map(async (engine) => {
    try {
      await removeMarker({ engine, signal }, before);
    } catch (error) {
      if (!(error instanceof ActionError)) throw error;
      const what = `its marker stays on an engine that it has left: remove the volume ${markerName(before)} there`;
      report(`${what} (${error.message})`, "warning");
    }
  });
  await Promise.all(left);
}

async function write(
  properties: Properties,
  { signal, now = () => new Date() }: KindContext,
): Promise<Properties> {
  const told = inputs.parse(properties);
  const since = now().toISOString();
  for (const engine of told.engines) {
    await writeMarker({ engine, signal }, told, saying(told, engine, since));
  }
  return { since };
}

function saying(
  { engines, ttlSeconds, owner, protected: isProtected, archives }: z.infer<typeof inputs>,
  engine: string,
  since: string,
): Marker {
  return {
    owner,
    ttlSeconds,
    since,
    protected: isProtected,
    engines: [...new Set(engines)],
    engine,
    archives,
  };
}

/** As it comes back from JSON. */
function plainOf(value: Marker): unknown {
  return JSON.parse(JSON.stringify(value));
}
