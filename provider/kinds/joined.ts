import { z } from "zod";
import { operatingHandle } from "../../actions/handle.ts";
import { clusterReach } from "../../actions/reach.ts";
import { replicaHasJoined } from "../../actions/replicas/serves.ts";
import { hasJoined } from "../../actions/rolling/has-joined.ts";
import type { Kind } from "../kind.ts";
import { runMemory } from "../run-memory.ts";

const inputs = z.object({
  member: z.string(),
  cluster: clusterReach,
  container: z.string(),
  deadlineSeconds: z.number(),
});

/**
 * Stands between two members of the chain. A member's first container passes at once: a cluster bootstraps faster when
 * all of its members start together, and readiness waits for them in the end. Any later container is a replacement in
 * a cluster that serves, and the next member must not be touched before this one has joined.
 */
export const joined: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).member, outputs: {} }),
  update: async (_olds, properties, { signal, report }) => {
    const { member, cluster, deadlineSeconds } = inputs.parse(properties);
    const replica = cluster.replicas.find(({ name }) => name === member);
    if (replica !== undefined) {
      report(`waiting until read replica ${member} serves`);
      const deadlineMs = deadlineSeconds * 1000;
      await replicaHasJoined({ replica, handle: operatingHandle(cluster, { signal }), deadlineMs });
      return {};
    }
    report(`waiting until ${member} streams or leads, on the timeline of the others, without lagging`);
    const handle = operatingHandle(cluster, { signal });
    await hasJoined({ member, handle, deadlineMs: deadlineSeconds * 1000 });
    runMemory(cluster.incarnation).renewed.add(member);
    return {};
  },
};
