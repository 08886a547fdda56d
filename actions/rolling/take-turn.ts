import { whyNotInService } from "../../cluster/running/rolling.ts";
import { isSynchronous, leaderIn, type RoleObservation } from "../../cluster/running/switchover-checks.ts";
import { mayBeReplaced } from "../may-be-replaced.ts";
import { wakeLeader } from "../patroni/wake-leader.ts";
import { observeRoles } from "../switchover/observe-roles.ts";
import type { Narrator } from "../verbs/verb.ts";
import { waitFor } from "../wait.ts";
import { type HandOver, handOverToOneOf, type RollingHandle } from "./hand-over-to-one-of.ts";

export interface TurnOptions {
  /** Whose turn it is. */
  readonly member: string;
  readonly handle: RollingHandle;
  readonly handOver: HandOver;
  /** Members that have been replaced already: of these comes the next leader, if one of them can lead. */
  readonly renewed: ReadonlySet<string>;
  readonly narrator: Narrator;
  /** For the others to serve. @default 120000 */
  readonly deadlineMs?: number;
}

/**
 * Gets a member ready to be taken away: every other one that there is leads or streams without lagging, and it does not
 * lead itself any more. One that is not in service may go at any time: replacing it is what repairs it.
 *
 * @throws ActionError `refused` while the cluster is stopped or paused; `deadline` with what stands in the way; what the
 *   switchover throws. The member has not been touched then.
 */
export async function takeTurn(options: TurnOptions): Promise<void> {
  const { member, handle, narrator } = options;
  const standing = await mayBeReplaced({ ...handle, member, warn: narrator.warn });
  if (standing === undefined) return;
  const own = whyNotInService(await observeRoles(handle), member);
  if (own !== undefined) {
    narrator.note(`${own}: it is replaced to be repaired`);
    return;
  }
  const observed = await othersServe(options);
  if (leaderIn(observed)?.name !== member) return;
  const others = observed.members.map(({ name }) => name).filter((name) => name !== member);
  if (others.length === 0) {
    narrator.warn(`${member} is the only member: nobody writes until it is back`);
    return;
  }
  await handOverToOneOf({ ...options, among: others });
}

/** @returns the cluster as it was seen when all of them did. */
async function othersServe(options: TurnOptions): Promise<RoleObservation> {
  const { member, handle, deadlineMs = 120_000 } = options;
  const { patroni, members, clock, signal } = handle;
  const what = `every member but ${member} serves`;
  const remedy = `${member} was not touched. \`spiloctl status\` says more; then run \`pulumi up\` again`;
  return waitFor({ what, deadlineMs, everyMs: 500, remedy, clock, signal }, async () => {
    const observed = await observeRoles(handle);
    const reasons = observed.members
      .filter(({ name }) => name !== member)
      .flatMap(({ name }) => whyNotInService(observed, name) ?? []);
    if (reasons.length > 0) return { pending: reasons.join("; ") };
    const missing = whyNotSynchronous(observed, member);
    if (missing === undefined) return { found: observed };
    await wakeLeader(patroni, members);
    return { pending: missing };
  });
}

/** While it is away, its place in synchronous commit is taken by another one, where there is another one. */
function whyNotSynchronous(observed: RoleObservation, member: string): string | undefined {
  if (observed.synchronousMode === "off") return undefined;
  const leader = leaderIn(observed)?.name;
  const standbys = observed.members.filter(({ name }) => name !== leader);
  // Named one by one, a standby that goes away makes room for the next one by itself.
  const wanted =
    observed.synchronousMode === "on" ? standbys : standbys.filter(({ name }) => name !== member);
  if (wanted.length === 0 || wanted.some(isSynchronous)) return undefined;
  return `no standby${standbys.length === wanted.length ? "" : ` but ${member}`} is synchronous`;
}
