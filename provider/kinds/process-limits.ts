import { z } from "zod";
import { limitProcesses } from "../../actions/engine/process-limits.ts";
import type { Kind, KindContext } from "../kind.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({
  engine: z.string(),
  containers: z.array(z.object({ name: z.string(), id: z.string(), processes: z.number().int().positive() })),
});

/** How many processes the containers of one engine may have. The limit goes with the container. */
export const processLimits: Kind = {
  create: async (properties, context) => {
    await limit(properties, context);
    return { id: "process-limits", outputs: {} };
  },
  update: async (_olds, news, context) => {
    await limit(news, context);
    return {};
  },
};

async function limit(properties: Properties, { signal }: KindContext): Promise<void> {
  const { engine, containers } = inputs.parse(properties);
  await limitProcesses(engine, containers, signal);
}
