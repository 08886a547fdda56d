import type { ClusterHandle } from "../handle.ts";
import { standingOf } from "../patroni/cluster-standing.ts";
import { leaderOf } from "../patroni/find-cluster.ts";
import { beginToFollow, endpointOf } from "../standby/begin-to-follow.ts";
import { followedBy } from "../standby/followed.ts";
import { leaderNameOf } from "../standby/lead.ts";
import { receivedOn } from "../standby/received.ts";
import { stop } from "./stop.ts";
import { type Narrator, Refusal } from "./verb.ts";

export interface FollowOptions {
  /** The cluster that leads. */
  readonly source: ClusterHandle;
  /** Where it is reached: `host:port`. @default its endpoint */
  readonly reach?: string | undefined;
  /** What only this cluster has may go. @default false */
  readonly acceptDataLoss?: boolean | undefined;
  /** For each step. @default 600000 */
  readonly deadlineMs?: number | undefined;
}

export interface FollowReport {
  readonly cluster: string;
  readonly follows: string;
  /** It did already. */
  readonly already: boolean;
}

/**
 * Has a cluster that has led before follow the one that leads now: what is left to do after a promotion without the source, when
 * that is back. What only it has goes.
 *
 * @throws Refusal when the other one does not lead, or has nothing to do with this one; nothing was changed.
 */
export async function follow(
  handle: ClusterHandle,
  options: FollowOptions,
  narrator: Narrator,
): Promise<FollowReport> {
  const { source, deadlineMs = 600_000, reach = endpointOf(source) } = options;
  const { config, view, stopped } = await standingOf(handle.patroni, handle.members);
  const followed = followedBy(config);
  const report = { cluster: handle.name, follows: source.name };
  if (followed !== undefined && !stopped) {
    narrator.note(`cluster ${handle.name} follows ${followed.inWords} already`);
    return { ...report, already: true };
  }
  await refuse(handle, leaderOf(view)?.name, options);
  if (!stopped) await stop(handle, {}, narrator);
  await beginToFollow(handle, { cluster: source.name, host: reach }, deadlineMs, narrator);
  narrator.note(`declare standbyOf for ${handle.name}: { cluster: ${source.name}, host: ${reach} }`);
  return { ...report, already: false };
}

async function refuse(
  handle: ClusterHandle,
  leader: string | undefined,
  { source, acceptDataLoss = false }: FollowOptions,
): Promise<void> {
  const theirs = await receivedOn(source, await leaderNameOf(source));
  const own = leader === undefined ? undefined : await receivedOn(handle, leader);
  const admits = source.endpoint.standbys === true || source.endpoint.hosts !== undefined;
  const reasons = [
    ...(own !== undefined && own.systemIdentifier !== theirs.systemIdentifier
      ? [`${source.name} is another database system: the two have never been one`]
      : []),
    ...(theirs.inRecovery ? [`${source.name} does not lead: it follows another cluster`] : []),
    ...(admits ? [] : [`endpoint.standbys of ${source.name} is not true, so that nobody may stream from it`]),
  ];
  if (reasons.length > 0) throw new Refusal(reasons, "Look at both by `spiloctl status`.");
  if (acceptDataLoss) return;
  const where =
    own === undefined ? "" : ` (it has written up to ${own.replayed}, the other up to ${theirs.replayed})`;
  throw new Refusal(
    [`what only ${handle.name} has, written since ${source.name} was promoted, is given up${where}`],
    "To do it all the same: --accept-data-loss.",
    { dataMayBeLost: true },
  );
}
