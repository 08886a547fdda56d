import { replicaTag } from "../../cluster/replicas/replica-tag.ts";
import { ActionError } from "../action-error.ts";
import { noAnswer } from "../sql/connection-failure.ts";
import type { ClusterMember, ClusterView, PatroniClient } from "./patroni-client.ts";

/** A member as planned: where to ask it, and where its PostgreSQL listens. */
export interface MemberAddress {
  readonly name: string;
  readonly restUrl: string;
  readonly host: string;
  readonly port: number;
}

/** What the cluster says of itself, and the REST address of the member that said so. */
export interface Answered {
  readonly view: ClusterView;
  readonly restUrl: string;
}

/**
 * Asks all members at once; the first answer counts, as each of them reads the same DCS.
 *
 * @throws ActionError `unreachable` when none answers; `refused` when that will not pass, as the certificate of each
 *   is wrong.
 */
export async function findCluster(patroni: PatroniClient, restUrls: readonly string[]): Promise<Answered> {
  try {
    return await Promise.any(
      restUrls.map(async (restUrl) => ({ view: await patroni.cluster(restUrl), restUrl })),
    );
  } catch (error) {
    throw noAnswer("no member answers", error instanceof AggregateError ? error.errors : [error]);
  }
}

export function leaderOf(view: ClusterView): ClusterMember | undefined {
  return view.members.find((member) => isLeader(member));
}

export function isLeader(member: ClusterMember): boolean {
  return member.role === "leader" || member.role === "standby_leader";
}

/** It is tagged so that no commit waits for it. */
export function isNosync({ tags }: ClusterMember): boolean {
  return tags?.["nosync"] === true;
}

/** It follows and never leads, and nothing waits for it. */
export function isReplica({ tags }: ClusterMember): boolean {
  return tags?.[replicaTag] === true;
}

/**
 * A read replica that replays late on purpose. While it has WAL to replay it does not ask for more: after a failover it
 * does not stream for as long as its delay.
 */
export function isDelayed(member: ClusterMember): boolean {
  return isReplica(member) && member.tags?.["noloadbalance"] === true;
}

/** Those that may lead, and those that lead. */
export function haMembersOf({ members }: ClusterView): readonly ClusterMember[] {
  return members.filter((member) => !isReplica(member));
}

/** PostgreSQL runs and can be asked; a standby may still be behind. */
export function isAlive(member: ClusterMember): boolean {
  return ["running", "streaming", "in archive recovery"].includes(member.state);
}

/** A leader that runs, a standby that receives WAL, or a delayed replica that runs. */
export function isInService(member: ClusterMember): boolean {
  if (isDelayed(member)) return isAlive(member);
  return isLeader(member) ? member.state === "running" : member.state === "streaming";
}

/** How many standbys take part in synchronous commit now. */
export function synchronousCount(view: ClusterView): number {
  return view.members.filter(({ role }) => role === "sync_standby" || role === "quorum_standby").length;
}

/** `dev-1 leads; dev-2 streaming; dev-3 start failed`. */
export function describeMembers(view: ClusterView): string {
  if (view.members.length === 0) return "the DCS knows of no member";
  return view.members
    .map((member) =>
      isInService(member) && isLeader(member) ? `${member.name} leads` : `${member.name} ${member.state}`,
    )
    .join("; ");
}

/** Where a member's REST API is: as planned, or as the member itself says. */
export function restUrlOf(
  member: ClusterMember,
  planned: readonly Pick<MemberAddress, "name" | "restUrl">[],
): string {
  const known = planned.find(({ name }) => name === member.name);
  const url = known?.restUrl ?? member.api_url?.replace(/\/patroni$/, "");
  if (url === undefined) throw new ActionError("failed", `${member.name}: announces no REST address`);
  return url;
}

/** Where a member's PostgreSQL is: as planned, or as the member itself says. */
export function serverOf(
  member: ClusterMember,
  planned: readonly MemberAddress[],
): { host: string; port: number } {
  const known = planned.find(({ name }) => name === member.name);
  const host = known?.host ?? member.host;
  if (host === undefined) throw new ActionError("failed", `${member.name}: announces no PostgreSQL address`);
  return { host, port: known?.port ?? member.port ?? 5432 };
}
