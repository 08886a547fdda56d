import { ActionError } from "../action-error.ts";
import { findCluster, leaderOf, type MemberAddress, restUrlOf } from "./find-cluster.ts";
import type { PatroniClient } from "./patroni-client.ts";

/**
 * Has the leader look at its cluster now, and not within `loop_wait` (ten seconds): a standby becomes synchronous, or
 * is released from it, as soon as it can. Patroni wakes up on any PATCH of `/config`, also on one that changes nothing.
 *
 * It only saves time: when nobody leads or answers, nothing happens, and the leader looks when it would have anyway.
 */
export async function wakeLeader(
  patroni: PatroniClient,
  members: readonly Pick<MemberAddress, "name" | "restUrl">[],
): Promise<void> {
  try {
    const { view } = await findCluster(
      patroni,
      members.map(({ restUrl }) => restUrl),
    );
    const leader = leaderOf(view);
    if (leader === undefined) return;
    const restUrl = restUrlOf(leader, members);
    const { loop_wait = 10 } = await patroni.config(restUrl);
    await patroni.patchConfig(restUrl, { loop_wait });
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
  }
}
