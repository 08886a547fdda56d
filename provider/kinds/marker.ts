import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
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
  update: (_olds, news, context) => write(news, context),
  read: async (properties, context) =>
    await asItWasUnlessAsked(context, async () => {
      const { engines, ...told } = inputs.parse(properties);
      const wanted = saying({ engines, ...told }, outputs.parse(properties).since);
      for (const engine of engines) {
        const there = await markerOn({ engine, signal: context.signal }, told);
        // Other engines than are declared, so that the next update writes it again.
        if (!isDeepStrictEqual(there, plainOf(wanted))) return { engines: [] };
      }
      return {};
    }),
  delete: async (properties, { signal }) => {
    const { engines, ...owner } = inputs.parse(properties);
    for (const engine of engines) await removeMarker({ engine, signal }, owner);
  },
};

/** An engine that is no longer among them is not asked: its zone may be lost. */
async function write(
  properties: Properties,
  { signal, now = () => new Date() }: KindContext,
): Promise<Properties> {
  const { engines, ...told } = inputs.parse(properties);
  const since = now().toISOString();
  for (const engine of engines) {
    await writeMarker({ engine, signal }, told, saying({ engines, ...told }, since));
  }
  return { since };
}

function saying(
  { engines, ttlSeconds, owner, protected: isProtected, archives }: z.infer<typeof inputs>,
  since: string,
): Marker {
  return { owner, ttlSeconds, since, protected: isProtected, engines: new Set(engines).size, archives };
}

/** As it comes back from JSON. */
function plainOf(value: Marker): unknown {
  return JSON.parse(JSON.stringify(value));
}
