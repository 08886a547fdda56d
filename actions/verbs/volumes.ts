import { askEngine } from "../engine/ask-engine.ts";
import { isDataOf } from "../engine/data-volume.ts";
import { unlessGone } from "../engine/remove-container.ts";
import type { ClusterHandle } from "../handle.ts";
import type { Narrator } from "./verb.ts";

/** The volume of a member that has left: it stays while `deletionProtection` is on. */
interface RetainedVolume {
  readonly name: string;
  /** Of the engine that has it. */
  readonly engine: string;
  /** As the engine says it; null when it does not. */
  readonly createdAt: string | null;
}

export interface VolumesReport {
  readonly cluster: string;
  readonly retained: readonly RetainedVolume[];
  /** Names of those that were removed. */
  readonly removed: readonly string[];
}

type Engines = Pick<
  ClusterHandle,
  "name" | "incarnation" | "members" | "replicas" | "proxies" | "clock" | "signal"
>;

const ASK_MS = 10_000;

/**
 * Volumes of this incarnation's members that no member is declared for and no container has. A member that comes back
 * takes its own: Patroni rewinds it, or copies it afresh. Volumes of an earlier life are not looked at, as they may be
 * all that is left of it.
 *
 * @param prune removes them.
 * @throws ActionError `unreachable` when an engine does not answer, `failed` when it does not remove one: a container has
 *   it meanwhile.
 */
export async function volumes(
  handle: Engines,
  { prune }: { readonly prune: boolean },
  narrator: Narrator,
): Promise<VolumesReport> {
  const engines = [
    ...new Set([...handle.members, ...handle.replicas, ...handle.proxies].map(({ engine }) => engine)),
  ];
  const each = await Promise.all(engines.map((engine) => retainedOn(handle, engine)));
  const retained = each.flat();
  const removed: string[] = [];
  for (const { name, engine } of prune ? retained : []) {
    await askEngine({ ...limitsOf(handle), engine }, (client, abortSignal) =>
      client.getVolume(name).remove({ abortSignal }).catch(unlessGone),
    );
    narrator.step(`${name} removed from ${engine}`);
    removed.push(name);
  }
  return { cluster: handle.name, retained: retained.filter(({ name }) => !removed.includes(name)), removed };
}

async function retainedOn(handle: Engines, engine: string): Promise<readonly RetainedVolume[]> {
  const { name: cluster, incarnation, members, replicas } = handle;
  const label = [`pulumi-spilo.cluster=${cluster}`, `pulumi-spilo.incarnation=${incarnation}`];
  const declared = new Set([...members, ...replicas].map(({ name }) => `${name}-data-${incarnation}`));
  const { found, used } = await askEngine({ ...limitsOf(handle), engine }, async (client, abortSignal) => {
    const [{ Volumes }, containers] = await Promise.all([
      client.listVolumes({ filters: { label }, abortSignal }),
      client.listContainers({ all: true, filters: { label }, abortSignal }),
    ]);
    return { found: Volumes ?? [], used: containers.flatMap(({ Mounts }) => Mounts.map(({ Name }) => Name)) };
  });
  return found
    .filter(({ Name, Labels }) => {
      const isData = isDataOf({ name: Name, part: Labels?.["pulumi-spilo.part"] ?? "" }, ["member"]);
      return isData && !declared.has(Name) && !used.includes(Name);
    })
    .map((volume) => ({ name: volume.Name, engine, createdAt: createdAt(volume) }));
}

/** The library's types do not know of it. */
function createdAt(volume: object): string | null {
  return "CreatedAt" in volume && typeof volume.CreatedAt === "string" ? volume.CreatedAt : null;
}

function limitsOf({ clock, signal }: Engines) {
  return { deadlineMs: ASK_MS, clock, signal };
}
