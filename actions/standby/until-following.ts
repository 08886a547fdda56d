import { ActionError, unlessPassing } from "../action-error.ts";
import type { ContainerLog } from "../engine/container-log.ts";
import { findCluster, leaderOf, restUrlOf } from "../patroni/find-cluster.ts";
import type { PatroniClient } from "../patroni/patroni-client.ts";
import { type Clock, waitFor } from "../wait.ts";

export interface FollowingOptions {
  readonly members: readonly { readonly name: string; readonly restUrl: string; readonly engine: string }[];
  /** The name of the cluster that is followed. */
  readonly followed: string;
  readonly patroni: PatroniClient;
  readonly log: ContainerLog;
  readonly deadlineMs: number;
  readonly report: (line: string) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Waits until a member leads that follows the other cluster: it streams from there, or replays the archive.
 *
 * @returns its name.
 * @throws ActionError `refused` when the cluster leads by itself; `failed` with what the other side says when it lets nobody in
 *   again and again; `deadline`.
 */
export async function untilFollowing(options: FollowingOptions): Promise<string> {
  const { members, followed, patroni, report, deadlineMs, clock, signal } = options;
  const urls = members.map(({ restUrl }) => restUrl);
  const remedy = "`docker logs NAME` shows what a member is at; then run `pulumi up` again";
  let told = "";
  const pendingAs = (pending: string) => {
    if (pending !== told) report(pending);
    told = pending;
    return { pending };
  };
  const what = `a copy of cluster ${followed} follows it`;
  return waitFor({ what, deadlineMs, everyMs: 500, remedy, clock, signal }, async () => {
    const view = await findCluster(patroni, urls).then((found) => found.view, unlessPassing(undefined));
    const leader = view && leaderOf(view);
    if (view === undefined || leader === undefined) {
      for (const member of members) await failIfLockedOut(options, member);
      const states = (view?.members ?? []).map(({ name, state }) => `${name} is ${state}`);
      return pendingAs(states.length === 0 ? "no member answers yet" : states.join(", "));
    }
    if (leader.role !== "standby_leader") throw leadsByItself(leader.name, followed);
    const { state, replication_state: replication } = await patroni.member(restUrlOf(leader, members));
    if (["streaming", "in archive recovery"].includes(replication ?? "")) return { found: leader.name };
    const member = members.find(({ name }) => name === leader.name);
    if (member !== undefined) await failIfLockedOut(options, member);
    return pendingAs(`${leader.name} is ${state}, and receives nothing from ${followed} yet`);
  });
}

function leadsByItself(leader: string, followed: string): ActionError {
  return new ActionError(
    "refused",
    `standbyOf: ${leader} leads by itself and does not follow ${followed}; \`pulumi up\` never gives up what a cluster has. ` +
      "Remove standbyOf, or have it follow by `spiloctl follow`",
  );
}

/** What Patroni tries for ever, and what does not pass by waiting. */
async function failIfLockedOut(
  { log, followed }: FollowingOptions,
  { name, engine }: FollowingOptions["members"][number],
): Promise<void> {
  const said = await log(engine, name, 200).catch(unlessPassing(""));
  const reasons = said
    .split("\n")
    .filter((line) => lockedOut.test(line))
    .map((line) => line.replace(/^.*?((pg_basebackup|connection to server|FATAL|could not).*)$/, "$1"));
  if (reasons.length < TRIES) return;
  throw new ActionError(
    "failed",
    `${name}: cluster ${followed} does not let it in: ${reasons.at(-1)?.slice(0, 300)}. ` +
      "Set spilo:source to the output source of its stack, tls.ca to given here, and endpoint.standbys to true there; " +
      "then run `pulumi up` again",
  );
}

const lockedOut =
  /password authentication failed|certificate verify failed|no pg_hba\.conf entry|unknown ca\b/;

const TRIES = 6;
