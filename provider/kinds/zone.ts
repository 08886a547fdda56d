import { z } from "zod";
import { ActionError } from "../../actions/action-error.ts";
import { type ClusterOnEngine, clearEngine, type EngineCounts } from "../../actions/engine/clear-engine.ts";
import { type Clock, systemClock } from "../../actions/wait.ts";
import type { Kind, KindContext } from "../kind.ts";
import { runMemory } from "../run-memory.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({
  cluster: z.string(),
  incarnation: z.string(),
  zone: z.string(),
  /** The engine's address as the docker provider takes it. */
  engine: z.string(),
  project: z.string(),
  stack: z.string(),
  /** Kinds of parts whose data stays. A state of an earlier version names none. */
  keeps: z.array(z.string()).default([]),
});

/**
 * What a cluster has on the engine of one zone. All that stands there is `deletedWith` it: where both go, Pulumi drops
 * the others without a call, and the deletion of this one removes them from the engine. Of a zone that is lost it calls
 * nobody either.
 */
export function zoneBy(clock: Clock): Kind {
  return {
    create: async (properties) => {
      const place = inputs.parse(properties);
      return { id: `${place.cluster}-${place.zone}`, outputs: {} };
    },
    update: async () => ({}),
    delete: (properties, context) => remove(properties, context, clock),
  };
}

export const zone: Kind = zoneBy(systemClock);

async function remove(properties: Properties, { report, signal }: KindContext, clock: Clock): Promise<void> {
  const { zone: name, ...place } = inputs.parse(properties);
  if (runMemory(place.incarnation).lostZones.has(name)) {
    report(leftBehind(name, place), "warning");
    return;
  }
  const announce = (counts: EngineCounts) => report(`removes ${inWords(counts)} from ${place.engine}`);
  try {
    await clearEngine(place, { announce, signal, clock });
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    const what = `zone ${name}: what the cluster has there could not be removed: ${error.message}`;
    throw new ActionError(error.code, `${what}. ${remedyFor(name, error)}`, { cause: error });
  }
}

function remedyFor(name: string, { code }: ActionError): string {
  if (code !== "unreachable") return "Mend that and run this again";
  const give = `set \`available: false\` for zone ${name} in placement.zones, run \`pulumi up\`, and destroy then`;
  // What a destruction has taken away by now, the update would make again.
  const late = "when all else is destroyed already, `pulumi state delete` of this resource does it";
  return `Bring it back and run this again; or, if it is lost for good, ${give} (${late})`;
}

function inWords({ containers, volumes, networks }: EngineCounts): string {
  const counts = [
    [containers, "container"],
    [volumes, "volume"],
    [networks, "network"],
  ] as const;
  const words = counts.map(([count, what]) => `${count} ${what}${count === 1 ? "" : "s"}`);
  return words.join(", ");
}

/** Nobody could be asked what that is, but all of it has labels. */
function leftBehind(name: string, { engine, cluster, incarnation }: ClusterOnEngine): string {
  const labels = `pulumi-spilo.cluster=${cluster} and pulumi-spilo.incarnation=${incarnation}`;
  return (
    `zone ${name} is given up, and its engine ${engine} was not called. If it ever comes back, its containers start ` +
    `again by themselves; they and their volumes have the labels ${labels}, and are yours to remove`
  );
}
