import { ActionError } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
import { findCluster, leaderOf, restUrlOf } from "../patroni/find-cluster.ts";
import { wakeLeader } from "../patroni/wake-leader.ts";
import { waitFor } from "../wait.ts";

/** As much of a cluster as it takes to have it lead. */
export type LeadHandle = Pick<ClusterHandle, "name" | "members" | "patroni" | "clock" | "signal">;

/** Who leads a cluster now, and on which timeline. */
export interface NowLeading {
  readonly leader: string;
  readonly timeline: number | undefined;
}

/**
 * Has a cluster follow nobody any more, and waits until its leader takes writes.
 *
 * @throws ActionError `deadline`: it follows nobody, and does not take writes yet.
 */
export async function lead(handle: LeadHandle, restUrl: string, deadlineMs: number): Promise<NowLeading> {
  const { name, members, patroni, clock, signal } = handle;
  await patroni.patchConfig(restUrl, { standby_cluster: null });
  const what = `cluster ${name} takes writes`;
  const remedy = "it follows nobody any more: `spiloctl status` shows what it waits for";
  return waitFor({ what, remedy, deadlineMs, everyMs: 250, clock, signal }, async () => {
    const { view } = await findCluster(
      patroni,
      members.map((member) => member.restUrl),
    );
    const leader = leaderOf(view);
    if (leader === undefined) return { pending: "nobody leads" };
    const status = await patroni.member(restUrlOf(leader, members));
    if (status.role === "primary" && status.state === "running") {
      return { found: { leader: leader.name, timeline: status.timeline ?? leader.timeline } };
    }
    await wakeLeader(patroni, members);
    return { pending: `${leader.name} is not promoted yet` };
  });
}

/** @throws ActionError `no-leader` when nobody leads the cluster. */
export async function leaderNameOf({ patroni, members, name }: LeadHandle): Promise<string> {
  const { view } = await findCluster(
    patroni,
    members.map(({ restUrl }) => restUrl),
  );
  const leader = leaderOf(view);
  if (leader === undefined) throw new ActionError("no-leader", `cluster ${name}: no member leads`);
  return leader.name;
}
