import { isPassing } from "./action-error.ts";
import { findCluster, leaderOf, type MemberAddress, synchronousCount } from "./patroni/find-cluster.ts";
import type { PatroniClient } from "./patroni/patroni-client.ts";
import { wakeLeader } from "./patroni/wake-leader.ts";
import { type AskedReplica, whyReplicaNotServing } from "./replicas/serves.ts";
import { type Clock, waitFor } from "./wait.ts";

export interface ReadinessOptions {
  readonly cluster: string;
  readonly members: readonly Pick<MemberAddress, "name" | "restUrl">[];
  /** Read replicas, which have to serve as well. @default none */
  readonly replicas?: readonly AskedReplica[];
  /** How many standbys have to take part in synchronous commit. */
  readonly synchronousStandbys: number;
  /** With credentials, it saves the leader's pause before it makes a standby synchronous. */
  readonly patroni: PatroniClient;
  readonly deadlineMs: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Waits until one member leads, every other one streams from it, every read replica serves, and as many of them as were asked for are synchronous:
 * only then nothing is lost when the leader is. Members are asked themselves, as what the DCS holds of them may be ten
 * seconds old.
 *
 * @throws ActionError `deadline` with the state of each member and where its log is.
 */
export async function clusterIsReady(options: ReadinessOptions): Promise<void> {
  const {
    cluster,
    members,
    replicas = [],
    patroni,
    deadlineMs,
    synchronousStandbys,
    clock,
    signal,
  } = options;
  const remedy = "`docker logs NAME` shows why a member is not there yet; then run `pulumi up` again";
  const what = `cluster ${cluster} has a leader and all its standbys stream`;
  await waitFor({ what, deadlineMs, everyMs: 250, remedy, clock, signal }, async () => {
    const states = await Promise.all(members.map((member) => stateOf(member, patroni)));
    if (!states.every(({ serves }) => serves)) return { pending: states.map(({ text }) => text).join("; ") };
    const { view } = await findCluster(
      patroni,
      members.map(({ restUrl }) => restUrl),
    );
    if (leaderOf(view) === undefined) return { pending: "no member leads" };
    if (synchronousCount(view) < synchronousStandbys) {
      await wakeLeader(patroni, members);
      return { pending: `${synchronousCount(view)} of ${synchronousStandbys} standbys are synchronous` };
    }
    const lacking = await Promise.all(
      replicas.map((replica) => whyReplicaNotServing(replica, view, patroni)),
    );
    const pending = lacking.filter((text) => text !== undefined);
    return pending.length === 0 ? { found: true } : { pending: pending.join("; ") };
  });
}

interface MemberState {
  readonly serves: boolean;
  readonly text: string;
}

async function stateOf(
  { name, restUrl }: Pick<MemberAddress, "name" | "restUrl">,
  patroni: PatroniClient,
): Promise<MemberState> {
  try {
    const { state, role = "member", replication_state } = await patroni.member(restUrl);
    if (state !== "running") return { serves: false, text: `${name} is ${state} (${role})` };
    // The latter where another cluster is followed.
    if (role === "primary" || role === "standby_leader") return { serves: true, text: `${name} leads` };
    const serves = replication_state === "streaming";
    return { serves, text: `${name} ${serves ? "streams" : "does not stream yet"}` };
  } catch (error) {
    if (isPassing(error)) return { serves: false, text: `${name} does not answer (${error.message})` };
    throw error;
  }
}
