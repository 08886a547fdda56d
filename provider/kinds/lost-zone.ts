import { z } from "zod";
import type { Checked, Kind } from "../kind.ts";
import { runMemory } from "../run-memory.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({
  cluster: z.string(),
  incarnation: z.string(),
  zone: z.string(),
  engine: z.string(),
});

/** A zone that is declared as not available. It makes nothing; what counts is that each run looks at it. */
export const lostZone: Kind = {
  create: async (properties) => {
    const { cluster, zone } = inputs.parse(properties);
    return { id: `${cluster}-${zone}`, outputs: {} };
  },
  update: async () => ({}),
};

/** Called in every run, changed or not, and before anything is deleted: its zone's deletion then calls nobody. */
export async function noteLostZone(olds: Properties | undefined, news: Properties): Promise<Checked> {
  const { cluster, incarnation, zone, engine } = inputs.parse(news);
  runMemory(incarnation).lostZones.add(zone);
  const known = olds === undefined ? undefined : inputs.parse(olds);
  if (known?.zone === zone) return { refusals: [], sentences: [] };
  const dropped = "what it had there is dropped from the state without a call to";
  return { refusals: [], sentences: [`zone ${zone} of ${cluster} is not available: ${dropped} ${engine}`] };
}
