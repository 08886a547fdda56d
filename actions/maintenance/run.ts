import type { MaintenanceTimes } from "../../cluster/plan-types.ts";
import { fitsInto, type MaintenanceWindow, windowAfter } from "../../cluster/upkeep/maintenance.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
import { leaderOrExplain } from "../patroni/patroni-lifecycle.ts";
import type { ProbeResult, WriteProbe } from "../probe/write-probe.ts";
import { type RestartReport, restart } from "../verbs/restart.ts";
import { type Narrator, Refusal } from "../verbs/verb.ts";
import type { PendingRestart } from "./pending-work.ts";
import { scheduleIn } from "./schedule.ts";
import { restartsWait, type WaitingWork } from "./waiting-work.ts";

/** One member that has restarted. */
export type Restarted = RestartReport["restarted"][number];

interface MaintenanceTools {
  /** Works whether the window is open or not. */
  readonly anyTime: boolean;
  readonly dryRun: boolean;
  /** Measures the outage of the leader's restart. @default nobody does */
  readonly startProbe?: (() => WriteProbe) | undefined;
  readonly time: () => Date;
  readonly times: MaintenanceTimes;
  readonly window: MaintenanceWindow;
  readonly narrator: Narrator;
}

/** One run of the verb: what it has done so far, and what has to wait. */
export class MaintenanceRun {
  restarted: readonly Restarted[] = [];
  waits: readonly WaitingWork[] = [];
  outage: ProbeResult | undefined;
  private readonly handle: ClusterHandle;
  private readonly tools: MaintenanceTools;

  constructor(handle: ClusterHandle, tools: MaintenanceTools) {
    this.handle = handle;
    this.tools = tools;
  }

  /** None of them is done now. */
  putOff(restarts: readonly PendingRestart[], began: Date): void {
    const { window, times, anyTime, dryRun } = this.tools;
    const first = new Date(Math.max(began.getTime(), window.start.getTime()));
    const because = dryRun ? "nothing is done with --dry-run" : "the window is closed";
    const scheduled = anyTime
      ? restarts.map((work) => ({ work, at: began }))
      : scheduleIn(times, window, first, restarts);
    this.waits = restartsWait(scheduled, times, () => because);
  }

  async work(restarts: readonly PendingRestart[], paused: boolean): Promise<void> {
    if (restarts.length === 0) return;
    if (paused) {
      throw new Refusal(
        ["Patroni is paused, so somebody is at work on the cluster"],
        "Run `spiloctl resume` first, or `spiloctl restart --pending` all the same.",
      );
    }
    await this.oneAfterTheOther(restarts);
    const leads = this.restarted.some(({ role }) => role === "leader");
    // A standby takes a lowered value of the leader's only when the leader has it.
    const standbys = restarts.filter(({ role }) => role === "standby");
    if (leads) await this.oneAfterTheOther(standbys, { quietly: true });
  }

  /** @param quietly they have had their turn: those that wait for nothing any more are not told of. */
  private async oneAfterTheOther(
    restarts: readonly PendingRestart[],
    { quietly = false }: { readonly quietly?: boolean } = {},
  ): Promise<void> {
    const { anyTime, window, time } = this.tools;
    for (const [index, work] of restarts.entries()) {
      const { leader } = await leaderOrExplain(this.handle);
      // Whoever comes later may not go first: a standby never has less than the leader.
      const later = (because: string) => {
        if (!quietly) this.later(restarts.slice(index), because);
      };
      if ((leader.name === work.member) !== (work.role === "leader")) {
        return later(`${leader.name} leads by now, and the leader is the last`);
      }
      if (!anyTime && !fitsInto(window, time(), work.expected.milliseconds)) {
        return later(`it would not be done by ${window.end.toISOString()}`);
      }
      await this.restart(work, quietly);
    }
  }

  private later(restarts: readonly PendingRestart[], because: string): void {
    const { window, times } = this.tools;
    const next = windowAfter(times, window);
    const [first] = restarts;
    this.waits = restartsWait(scheduleIn(times, next, next.start, restarts), times, (work) =>
      work === first ? because : `${first?.member} comes first`,
    );
  }

  /** One that waits no longer is left alone. */
  private async restart({ member }: PendingRestart, quietly: boolean): Promise<void> {
    const { narrator, startProbe } = this.tools;
    const teller = quietly ? { ...narrator, note: () => undefined } : narrator;
    const measured = startProbe === undefined ? {} : { startProbe };
    try {
      const report = await restart(this.handle, { members: [member], pending: true, ...measured }, teller);
      this.restarted = [...this.restarted, ...report.restarted];
      this.outage = report.outage ?? this.outage;
    } catch (error) {
      throw this.explained(member, error);
    }
  }

  private explained(member: string, error: unknown): unknown {
    const done = [...new Set(this.restarted.map((one) => one.member))];
    if (done.length === 0 || !(error instanceof ActionError)) return error;
    const reason = error.cause === undefined ? error.message : reasonOf(error.cause);
    const message = `maintenance stopped at ${member}: ${reason}. Restarted before it: ${done.join(", ")}`;
    // A refusal says that nothing was changed.
    const code = error.code === "refused" ? "failed" : error.code;
    return new ActionError(code, message, { cause: error });
  }
}
