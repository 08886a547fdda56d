import { whyNotInService } from "../../cluster/running/rolling.ts";
import { leaderIn } from "../../cluster/running/switchover-checks.ts";
import { ActionError } from "../action-error.ts";
import { standingOf } from "../patroni/cluster-standing.ts";
import { observeRoles } from "../switchover/observe-roles.ts";
import type { Narrator } from "../verbs/verb.ts";
import { waitFor } from "../wait.ts";
import { type HandOver, handOverToOneOf, type RollingHandle } from "./hand-over-to-one-of.ts";

export interface LeaveOptions {
  /** Names of the members that will be removed. */
  readonly leaving: readonly string[];
  /** Of all members, those that will be removed included. */
  readonly handle: RollingHandle;
  readonly handOver: HandOver;
  readonly narrator: Narrator;
  /** @default 120000 */
  readonly deadlineMs?: number;
}

/**
 * Gets a cluster ready to lose members: those that stay serve, and one of them leads.
 *
 * @throws ActionError `refused` while the cluster is stopped or paused, and when nobody answers: who has the data is not
 *   known then; `deadline` with what those lack that stay. Nothing has been removed then.
 */
export async function prepareToLeave(options: LeaveOptions): Promise<void> {
  const { leaving, handle, narrator } = options;
  await refuseAtRest(options);
  const staying = handle.members.map(({ name }) => name).filter((name) => !leaving.includes(name));
  await stayingServe(options, staying);
  const leader = leaderIn(await observeRoles(handle))?.name;
  if (leader === undefined || staying.includes(leader)) return;
  narrator.note(`${leader} leads and is to be removed: one of ${staying.join(", ")} takes over first`);
  await handOverToOneOf({ ...options, among: staying, renewed: new Set() });
}

async function refuseAtRest({ leaving, handle }: LeaveOptions): Promise<void> {
  const { paused, stopped } = await standingOf(handle.patroni, handle.members).catch((error: unknown) => {
    if (!(error instanceof ActionError)) throw error;
    const why = `nobody says who leads, and a member that is removed is gone with its data (${error.message})`;
    throw new ActionError("refused", `${why}. ${notRemoved(leaving)}`, { cause: error });
  });
  if (stopped) {
    const why = "the cluster is stopped by `spiloctl stop`: run `spiloctl start` first";
    throw new ActionError("refused", `${why}. ${notRemoved(leaving)}`);
  }
  if (paused) {
    const why = "Patroni is paused, so nobody would take over: run `spiloctl resume` first";
    throw new ActionError("refused", `${why}. ${notRemoved(leaving)}`);
  }
}

async function stayingServe(
  { leaving, handle, deadlineMs = 120_000 }: LeaveOptions,
  staying: readonly string[],
): Promise<void> {
  const { clock, signal } = handle;
  const what = "every member that stays serves";
  const remedy = `${notRemoved(leaving)} \`spiloctl status\` says more; then run \`pulumi up\` again`;
  await waitFor({ what, deadlineMs, everyMs: 500, remedy, clock, signal }, async () => {
    const observed = await observeRoles(handle);
    const there = staying.filter((name) => observed.members.some((member) => member.name === name));
    if (there.length === 0) return { pending: `none of ${staying.join(", ")} is in the cluster` };
    const reasons = there.flatMap((name) => whyNotInService(observed, name) ?? []);
    return reasons.length === 0 ? { found: true } : { pending: reasons.join("; ") };
  });
}

function notRemoved(leaving: readonly string[]): string {
  return `${leaving.join(", ")}: not removed.`;
}
