import { z } from "zod";
import { operatingHandle } from "../../actions/handle.ts";
import { type ClusterReach, clusterReach } from "../../actions/reach.ts";
import { bySwitchover } from "../../actions/rolling/hand-over-to-one-of.ts";
import { prepareToLeave } from "../../actions/rolling/leave.ts";
import { noteWanted } from "../../actions/rolling/note-wanted.ts";
import {
  joiningSentence,
  leavingSentence,
  protectionSentence,
} from "../../cluster/impact/replacement-sentences.ts";
import type { Kind } from "../kind.ts";
import { narratorOf } from "../narrator.ts";
import { runMemory } from "../run-memory.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({
  members: z.array(z.string()),
  replicas: z.array(z.string()).default([]),
  cluster: clusterReach,
});
/** A state of an earlier version says nothing of volumes: they were removed. */
const names = z.object({
  members: z.array(z.string()),
  replicas: z.array(z.string()).default([]),
  volumesKept: z.boolean().default(false),
  /** Whether one leads clients, and no proxies do. */
  loadBalancer: z.boolean().default(false),
});

/** Comes before anything that changes the cluster. Members that are declared no more are deleted at the very end. */
export const departure: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).cluster.name, outputs: {} }),
  update: async (olds, news, context) => {
    const [before, now] = [inputs.parse(olds), inputs.parse(news)];
    runMemory(now.cluster.incarnation).reach = now.cluster;
    const leaving = missingIn(before.members, now.members);
    const isOther = leaving.length > 0 || missingIn(now.members, before.members).length > 0;
    if (!isOther) return {};
    const handle = operatingHandle(withFormer(before.cluster, now.cluster), { signal: context.signal });
    const narrator = narratorOf(context);
    const handOver = bySwitchover(handle, narrator);
    if (leaving.length > 0) await prepareToLeave({ leaving, handle, handOver, narrator });
    await noteWanted(handle, now.members, narrator);
    return {};
  },
};

/** What a preview says of it. */
export async function explainDeparture(olds: Properties, news: Properties): Promise<readonly string[]> {
  const [before, now] = [names.parse(olds), names.parse(news)];
  return [...explainMembers(before, now), ...explainReplicas(before, now), ...explainProtection(before, now)];
}

type Declared = z.infer<typeof names>;

/** What was declared when those that leave were made counts, also where it changes together with them. */
function explainMembers({ members: before, volumesKept }: Declared, { members: now }: Declared): string[] {
  const leaving = missingIn(before, now);
  const added = missingIn(now, before);
  if (leaving.length > 0) return [leavingSentence({ names: leaving, volumesKept, left: now.length })];
  return added.length === 0 ? [] : [joiningSentence(added)];
}

function explainReplicas(
  { replicas: before }: Declared,
  { replicas: now, loadBalancer }: Declared,
): string[] {
  const [leaving, added] = [missingIn(before, now), missingIn(now, before)];
  // The endpoint has a port for read replicas as long as there are any.
  const balancer = `the load balancer ${now.length === 0 ? "loses" : "gets"} their port`;
  const endpoint = loadBalancer ? balancer : "proxies are replaced one after the other";
  const port = (before.length === 0) === (now.length === 0) ? "" : `; ${endpoint}`;
  const addition = `added as read ${added.length === 1 ? "replica" : "replicas"}; no member is touched${port}`;
  const removal = "removed with data and slot; no member is touched, and readers go elsewhere";
  return [
    ...(added.length === 0 ? [] : [`${added.join(", ")}: ${addition}`]),
    ...(leaving.length === 0 ? [] : [`${leaving.join(", ")}: ${removal}${port}`]),
  ];
}

function explainProtection({ volumesKept: before }: Declared, { volumesKept: now }: Declared): string[] {
  return before === now ? [] : [protectionSentence(now)];
}

function missingIn(some: readonly string[], others: readonly string[]): readonly string[] {
  return some.filter((name) => !others.includes(name));
}

/** Those that leave are asked as well, with what opens them today. */
function withFormer(before: ClusterReach, now: ClusterReach): ClusterReach {
  const gone = before.members.filter(({ name }) => now.members.every((member) => member.name !== name));
  return { ...now, members: [...now.members, ...gone] };
}
