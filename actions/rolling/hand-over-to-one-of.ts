import { successorOf } from "../../cluster/running/rolling.ts";
import { checkSwitchover, leaderIn } from "../../cluster/running/switchover-checks.ts";
import type { OperatingHandle } from "../handle.ts";
import { wakeLeader } from "../patroni/wake-leader.ts";
import { observeRoles } from "../switchover/observe-roles.ts";
import { type SwitchoverReport, switchover } from "../verbs/switchover.ts";
import type { Narrator } from "../verbs/verb.ts";
import { waitFor } from "../wait.ts";

/** As much of a cluster as it takes to find out who can lead. */
export type RollingHandle = Pick<OperatingHandle, "members" | "patroni" | "clock" | "signal">;

/** A planned switchover to a member, with all that belongs to one. */
export type HandOver = (to: string) => Promise<Pick<SwitchoverReport, "from" | "outage">>;

/**
 * The verb, with what it tells. WAL that cannot be archived is told and left behind: the update may be what has it archived
 * again, and would be refused for ever otherwise.
 */
export function bySwitchover(handle: OperatingHandle, narrator: Narrator): HandOver {
  return (to) => switchover(handle, { to, unarchived: "warn" }, narrator);
}

export interface HandOverOptions {
  readonly handle: RollingHandle;
  readonly handOver: HandOver;
  /** Names of those that may lead afterwards. */
  readonly among: readonly string[];
  /** Those that are preferred. */
  readonly renewed: ReadonlySet<string>;
  readonly narrator: Narrator;
  /** For one of them to be fit to lead. @default 120000 */
  readonly deadlineMs?: number;
}

/**
 * Hands the leadership over, away from a leader that is going to be taken away. Returns when the former leader streams
 * again.
 *
 * @throws ActionError `deadline` when nobody becomes fit to lead, with the reasons; what the switchover throws.
 */
export async function handOverToOneOf(options: HandOverOptions): Promise<void> {
  const { narrator, handOver } = options;
  const to = await fitSuccessor(options);
  if (to === undefined) return;
  const { from, outage } = await handOver(to);
  const seen =
    outage === undefined ? "" : `; applications could not write for ${inSeconds(outage.longestGapMs)}`;
  narrator.note(`switchover from ${from} to ${to}${seen}`);
}

/** Undefined: one of them leads already. */
async function fitSuccessor(options: HandOverOptions): Promise<string | undefined> {
  const { handle, among, renewed, deadlineMs = 120_000 } = options;
  const { patroni, members, clock, signal } = handle;
  const what = `one of ${among.join(", ")} can take over`;
  const remedy = "Nothing was changed. `spiloctl status` says more; then run `pulumi up` again";
  return waitFor({ what, deadlineMs, everyMs: 500, remedy, clock, signal }, async () => {
    const observed = await observeRoles(handle);
    const leader = leaderIn(observed)?.name;
    if (leader !== undefined && among.includes(leader)) return { found: undefined };
    const to = successorOf(observed, among, renewed)?.name;
    if (to === undefined) return { pending: "there is nobody" };
    const decision = checkSwitchover(observed, { to });
    if (decision.kind !== "refused") return { found: to };
    await wakeLeader(patroni, members);
    return { pending: decision.reasons.join("; ") };
  });
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
