import { followingSettings, sourceOf } from "../../cluster/index.ts";
import type { ClusterHandle } from "../handle.ts";
import { standingOf } from "../patroni/cluster-standing.ts";
import { findCluster, leaderOf, restUrlOf } from "../patroni/find-cluster.ts";
import { start } from "../verbs/start.ts";
import type { Narrator } from "../verbs/verb.ts";
import { waitFor } from "../wait.ts";

/** Where a cluster is followed. */
export interface FollowedPlace {
  readonly cluster: string;
  /** `host:port`, or several hosts with one port. */
  readonly host: string;
}

/** By the endpoint that clients use. */
export function endpointOf({
  endpoint: { address, hosts = [address], readWritePort },
}: ClusterHandle): string {
  return `${hosts.join(",")}:${readWritePort}`;
}

/**
 * Has a stopped cluster follow another one: its servers start as standbys of that. What they have of their own is rewound, or
 * they are copied anew.
 *
 * @throws ActionError `deadline` with what each member is; it goes on by itself.
 */
export async function beginToFollow(
  handle: ClusterHandle,
  place: FollowedPlace,
  deadlineMs: number,
  narrator: Narrator,
): Promise<void> {
  const { patroni, members, clock, signal } = handle;
  const { restUrl } = await standingOf(patroni, members);
  const source = sourceOf(place.host);
  await patroni.patchConfig(restUrl, followingSettings({ cluster: place.cluster, source }));
  // Nobody waits for a standby in a cluster that follows another one.
  await start({ ...handle, synchronousStandbys: 0 }, { deadlineMs }, narrator);
  const what = `cluster ${handle.name} streams from ${place.host}`;
  const remedy = "`spiloctl status` shows how far it is; it goes on by itself";
  await waitFor({ what, remedy, deadlineMs, everyMs: 250, clock, signal }, async () => {
    const { view } = await findCluster(
      patroni,
      members.map((member) => member.restUrl),
    );
    const leader = leaderOf(view);
    if (leader === undefined) return { pending: "nobody leads there" };
    const { state, replication_state: replication } = await patroni.member(restUrlOf(leader, members));
    if (replication === "streaming") return { found: leader.name };
    return { pending: `${leader.name} is ${replication ?? state}` };
  });
  narrator.step(`${handle.name} follows ${place.cluster}`);
}
