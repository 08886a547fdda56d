import {
  describeMembers,
  findCluster,
  isInService,
  isLeader,
  leaderOf,
  type MemberAddress,
} from "./find-cluster.ts";
import type { ClusterView, PatroniClient } from "./patroni-client.ts";
import { type Clock, waitFor } from "./wait.ts";

export interface ReadinessOptions {
  readonly cluster: string;
  readonly members: readonly Pick<MemberAddress, "name" | "restUrl">[];
  readonly patroni: PatroniClient;
  readonly deadlineMs: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Waits until one member leads and every other one streams from it.
 *
 * @throws ActionError `deadline` with the state of each member and where its log is.
 */
export async function clusterIsReady(options: ReadinessOptions): Promise<void> {
  const { cluster, members, patroni, deadlineMs } = options;
  const names = members.map(({ name }) => name);
  await waitFor(
    {
      what: `cluster ${cluster} has a leader and all its standbys stream`,
      deadlineMs,
      everyMs: 250,
      remedy: "`docker logs NAME` shows why a member is not there yet; then run `pulumi up` again",
      ...limits(options),
    },
    async () => {
      const { view } = await findCluster(
        patroni,
        members.map(({ restUrl }) => restUrl),
      );
      const late = notInService(view, names);
      return late.length === 0 ? { found: true } : { pending: late.join("; ") };
    },
  );
}

/**
 * Waits until a member leads, or streams from whoever leads. The member itself is asked, so the answer is of now.
 *
 * @throws ActionError `deadline` with the member's state.
 */
export async function memberHasJoined(
  options: Omit<ReadinessOptions, "cluster" | "members"> & Pick<MemberAddress, "name" | "restUrl">,
): Promise<void> {
  const { name, restUrl, patroni, deadlineMs } = options;
  const remedy = `docker logs ${name} says more; no other member is touched before it has joined`;
  await waitFor(
    { what: `${name} has joined the cluster`, deadlineMs, everyMs: 250, remedy, ...limits(options) },
    async () => {
      const { members } = await patroni.cluster(restUrl);
      const leader = leaderOf({ members });
      if (leader === undefined) return { pending: "no member leads" };
      const status = await patroni.member(restUrl);
      const serves = leader.name === name || status.replication_state === "streaming";
      if (status.state === "running" && serves) return { found: true };
      return { pending: `it is ${status.state} and does not stream from ${leader.name} yet` };
    },
  );
}

function notInService(view: ClusterView, names: readonly string[]): readonly string[] {
  const seen = new Map(view.members.map((member) => [member.name, member]));
  const late = names.flatMap((name) => {
    const member = seen.get(name);
    if (member === undefined) return [`${name} has not reported yet`];
    return isInService(member)
      ? []
      : [`${name} is ${member.state} (${isLeader(member) ? "leader" : "standby"})`];
  });
  if (leaderOf(view) !== undefined) return late;
  return [`no member leads (${describeMembers(view)})`, ...late];
}

function limits({ clock, signal }: Pick<ReadinessOptions, "clock" | "signal">) {
  return { ...(clock === undefined ? {} : { clock }), ...(signal === undefined ? {} : { signal }) };
}
