import { z } from "zod";
import { reasonOf } from "../../actions/action-error.ts";
import { memoryLimitOf } from "../../actions/engine/memory-limit.ts";
import { operatingHandle } from "../../actions/handle.ts";
import { clusterReach } from "../../actions/reach.ts";
import { forgetMember } from "../../actions/rolling/forget-member.ts";
import { bySwitchover } from "../../actions/rolling/hand-over-to-one-of.ts";
import { takeTurn } from "../../actions/rolling/take-turn.ts";
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
    const handOver = bySwitchover(handle, narrator);
    await takeTurn({ member, handle, handOver, renewed: memory.renewed, narrator });
    return {};
  },
  /** A limit that was changed by hand is made good by a replacement: that takes a turn like any other. */
  read: async (properties, { report }) => {
    const { member, cluster, memoryMib } = inputs.parse(properties);
    const engine = cluster.members.find(({ name }) => name === member)?.engine;
    const limit = engine === undefined ? undefined : await memoryLimitOf(engine, member);
    if (limit === undefined || limit === memoryMib) return {};
    report(`${member} has a memory limit of ${limit} MiB, and ${memoryMib} MiB is declared`);
    return { made: `with ${limit} MiB of memory` };
  },
  delete: async (properties, { report, signal }) => {
    const { member, cluster } = inputs.parse(properties);
    const { goesDown, reach = cluster } = runMemory(cluster.incarnation);
    if (goesDown) return;
    const others = { ...reach, members: reach.members.filter(({ name }) => name !== member) };
    if (others.members.length === 0) return;
    try {
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
