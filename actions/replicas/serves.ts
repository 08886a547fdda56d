import { isPassing, reasonOf } from "../action-error.ts";
import type { OperatingHandle } from "../handle.ts";
import { findCluster, leaderOf } from "../patroni/find-cluster.ts";
import type { ClusterView, PatroniClient } from "../patroni/patroni-client.ts";
import { waitFor } from "../wait.ts";

/** A read replica, by what it takes to ask it. */
export interface AskedReplica {
  readonly name: string;
  readonly restUrl: string;
  /** How long after its commit a change shows up, seconds. @default 0 */
  readonly applyDelaySeconds?: number | undefined;
}

/**
 * What a read replica lacks to serve readers; undefined when it streams on the leader's timeline. One with a delay has
 * to run, and no more: it does not stream while it has WAL that it may not replay yet.
 */
export async function whyReplicaNotServing(
  { name, restUrl, applyDelaySeconds = 0 }: AskedReplica,
  view: ClusterView,
  patroni: Pick<PatroniClient, "member">,
): Promise<string | undefined> {
  if (!view.members.some((member) => member.name === name)) return `${name} is not in the cluster`;
  try {
    const { state, role = "member", replication_state, timeline } = await patroni.member(restUrl);
    if (state !== "running") return `${name} is ${state} (${role})`;
    if (applyDelaySeconds > 0) return undefined;
    if (replication_state !== "streaming") return `${name} does not stream yet`;
    const led = leaderOf(view)?.timeline;
    if (timeline === undefined || led === undefined || timeline === led) return undefined;
    return `${name} is on timeline ${timeline}, and the leader on ${led}`;
  } catch (error) {
    if (isPassing(error)) return `${name} does not answer (${reasonOf(error)})`;
    throw error;
  }
}

export interface ReplicaJoinOptions {
  readonly replica: AskedReplica;
  readonly handle: Pick<OperatingHandle, "members" | "patroni" | "clock" | "signal">;
  readonly deadlineMs: number;
}

/**
 * Waits until a read replica serves readers.
 *
 * @throws ActionError `deadline` with what it lacks.
 */
export async function replicaHasJoined({ replica, handle, deadlineMs }: ReplicaJoinOptions): Promise<void> {
  const { patroni, members, clock, signal } = handle;
  const what = `read replica ${replica.name} has joined the cluster`;
  const remedy = `docker logs ${replica.name} says more; no member is touched before it has joined`;
  await waitFor({ what, deadlineMs, everyMs: 250, remedy, clock, signal }, async () => {
    const urls = members.map(({ restUrl }) => restUrl);
    const { view } = await findCluster(patroni, urls);
    const pending = await whyReplicaNotServing(replica, view, patroni);
    return pending === undefined ? { found: true } : { pending };
  });
}
