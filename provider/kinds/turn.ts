import { z } from "zod";
import { reasonOf } from "../../actions/action-error.ts";
import { engineClient } from "../../actions/engine/engine-client.ts";
import { inspectIfThere } from "../../actions/engine/inspect-if-there.ts";
import { memoryLimitOf } from "../../actions/engine/memory-limit.ts";
import { removeContainer } from "../../actions/engine/remove-container.ts";
import { operatingHandle } from "../../actions/handle.ts";
import { mayBeReplaced } from "../../actions/may-be-replaced.ts";
import { type ClusterReach, clusterReach } from "../../actions/reach.ts";
import { forgetMember } from "../../actions/rolling/forget-member.ts";
import { bySwitchover } from "../../actions/rolling/hand-over-to-one-of.ts";
import { takeTurn } from "../../actions/rolling/take-turn.ts";
import { wayIsOpen } from "../../actions/way/open-way.ts";
import { enginesBy } from "../../cluster/placement/engine-address.ts";
import type { Kind } from "../kind.ts";
import { narratorOf } from "../narrator.ts";
import { runMemory } from "../run-memory.ts";

const inputs = z.object({ member: z.string(), cluster: clusterReach, memoryMib: z.number() });

/**
 * Comes before a member is replaced, and gets it ready for that. A member's first container passes at once: there is
 * nobody to ask yet. An update that fails leaves the state as it was, so the next run asks again. A member is deleted
 * before its turn is: by then it is gone, and the others may forget it.
 */
export const turn: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).member, outputs: {} }),
  update: async (_olds, properties, context) => {
    const { member, cluster } = inputs.parse(properties);
    const memory = runMemory(cluster.incarnation);
    memory.reach = cluster;
    const handle = operatingHandle(cluster, { signal: context.signal });
    const narrator = narratorOf(context);
    // The silence of a cluster means that it is to be repaired; that there is no way to it means nothing.
    await wayIsOpen(cluster.credentials.access);
    // It never leads, and nobody waits for it: it may go at any time but while the cluster is to be left alone.
    if (isReplica(cluster, member)) {
      await mayBeReplaced({ ...handle, member, warn: narrator.warn });
      return {};
    }
    const handOver = bySwitchover(handle, narrator);
    await takeTurn({ member, handle, handOver, renewed: memory.renewed, narrator });
    return {};
  },
  /** A limit that was changed by hand is made good by a replacement: that takes a turn like any other. */
  read: async (properties, { report }) => {
    const { member, cluster, memoryMib } = inputs.parse(properties);
    const engine = placeOf(cluster, member)?.engine;
    const limit = engine === undefined ? undefined : await memoryLimitOf(engine, member);
    if (limit === undefined || limit === memoryMib) return {};
    report(`${member} has a memory limit of ${limit} MiB, and ${memoryMib} MiB is declared`);
    return { made: `with ${limit} MiB of memory` };
  },
  delete: async (properties, { report, signal }) => {
    const { member, cluster } = inputs.parse(properties);
    const { goesDown, reach = cluster } = runMemory(cluster.incarnation);
    if (goesDown) return;
    const others = {
      ...reach,
      members: reach.members.filter(({ name }) => name !== member),
      replicas: reach.replicas.filter(({ name }) => name !== member),
    };
    if (others.members.length === 0) return;
    try {
      await removeIfThere(cluster, member);
      await forgetMember(operatingHandle(others, { signal }), member);
    } catch (error) {
      const remedy = "`spiloctl status` shows the slots that nobody uses";
      report(
        `${member} is gone, but the others may not have forgotten it: ${reasonOf(error)}. ${remedy}`,
        "warning",
      );
    }
  },
};

/** Where a member or a read replica stands. */
function placeOf({ members, replicas, credentials }: ClusterReach, part: string) {
  return enginesBy(credentials.access.way, [...members, ...replicas]).find(({ name }) => name === part);
}

function isReplica({ replicas }: ClusterReach, part: string): boolean {
  return replicas.some(({ name }) => name === part);
}

const LOOK_MS = 10_000;
/** In which PostgreSQL writes its checkpoint. */
const GRACE_SECONDS = 60;

/**
 * A zone that is taken out whole is cleared at the very end, and its members stream until then. One that is lost is not
 * asked for anything.
 */
async function removeIfThere(cluster: ClusterReach, member: string): Promise<void> {
  const { incarnation } = cluster;
  const { zone, engine } = placeOf(cluster, member) ?? {};
  if (zone === undefined || engine === undefined || runMemory(incarnation).lostZones.has(zone)) return;
  const container = (await engineClient(engine)).getContainer(member);
  if ((await inspectIfThere(container, LOOK_MS)) !== undefined)
    await removeContainer(container, GRACE_SECONDS);
}
