import {
  type DataLoss,
  describeLoss,
  lossWhenKilled,
  lossWhenPromoted,
} from "../../cluster/running/data-loss.ts";
import { checkFailover, type FailoverDecision } from "../../cluster/running/failover-checks.ts";
import type { ClusterHandle } from "../handle.ts";
import type { ProbeResult } from "../probe/write-probe.ts";
import { drill } from "../switchover/drill.ts";
import type { ObservedRoles } from "../switchover/observe-roles.ts";
import { warnWhenRecent } from "../switchover/recent-change.ts";
import type { RejoinFacts } from "../switchover/rejoin.ts";
import { replaceLeader } from "../switchover/replace-leader.ts";
import { type RoleTools, roleTools } from "../switchover/role-tools.ts";
import type { StepReport } from "../switchover/steps.ts";
import { type Narrator, Refusal } from "./verb.ts";

export interface FailoverOptions {
  /** Without it, nothing is done but to say what would be. @default false */
  readonly force?: boolean;
  /** Commits may be lost. @default false */
  readonly acceptDataLoss?: boolean;
  /** Who is to lead, when the leader is lost. @default the fittest */
  readonly to?: string | undefined;
  /** For the former leader to stream again, in a drill. @default 300000 */
  readonly deadlineMs?: number;
  /** What is done to the cluster. @default the cluster itself */
  readonly tools?: RoleTools;
  /** @default the time of this machine */
  readonly now?: () => Date;
}

export interface FailoverReport {
  readonly cluster: string;
  /** `drill`: the leader was well, and killed. `replace`: it was lost. */
  readonly kind: "drill" | "replace";
  /** Absent when nobody led. */
  readonly from?: string;
  /** Who leads now. */
  readonly to: string;
  readonly timeline?: number;
  readonly promotedAt?: string;
  /** What might be lost, as it was known before. */
  readonly loss: DataLoss;
  /** How the former leader came back, in a drill. */
  readonly rejoined?: RejoinFacts;
  /** What an application saw: in a drill all of it, else from the beginning of this on. */
  readonly outage?: ProbeResult;
  readonly statistics: string;
  readonly steps: readonly StepReport[];
}

/**
 * Forces another leader. One that is well is killed as a lost machine would be, and Patroni finds the next one: a drill.
 * For one that is lost, the best standby is made the leader, whatever it has.
 *
 * @throws Refusal with every reason, what may be lost among them; nothing was changed.
 * @throws ActionError `deadline` when something is not there in time: the message says how it stands.
 */
export async function failover(
  handle: ClusterHandle,
  options: FailoverOptions,
  narrator: Narrator,
): Promise<FailoverReport> {
  const tools = options.tools ?? roleTools(handle);
  const observed = await tools.observe();
  const decision = checkFailover(observed, options.to === undefined ? {} : { to: options.to });
  if (decision.kind === "refused") throw new Refusal(decision.reasons, decision.remedy);
  const loss = lossOf(observed, decision);
  refuseWithoutLeave(decision, loss, options);
  narrator.note(describeStart(decision, loss));
  await warnWhenRecent(tools, narrator, (options.now ?? (() => new Date()))());
  const work = { observed, narrator, deadlineMs: options.deadlineMs };
  const done =
    decision.kind === "drill"
      ? await drill(tools, { ...work, leader: decision.leader })
      : await replaceLeader(tools, { ...work, former: decision.leader, candidate: decision.candidate });
  narrator.note(done.statistics);
  return { cluster: handle.name, kind: decision.kind, loss, ...done };
}

type Possible = Exclude<FailoverDecision, { kind: "refused" }>;

function lossOf(observed: ObservedRoles, decision: Possible): DataLoss {
  return decision.kind === "drill"
    ? lossWhenKilled(observed)
    : lossWhenPromoted(observed, decision.candidate);
}

function refuseWithoutLeave(
  decision: Possible,
  loss: DataLoss,
  { force = false, acceptDataLoss = false }: FailoverOptions,
): void {
  const mayLose = loss.kind === "possible" && !acceptDataLoss;
  const what =
    decision.kind === "drill"
      ? `${decision.leader} is well, and would be killed as a lost machine would be: nobody writes until another one leads`
      : `${decision.candidate.name} would be made the leader, and whatever it does not have is given up`;
  const losing = [`what may be lost: ${describeLoss(loss)}`];
  const reasons = [...(force ? [] : [what]), ...(mayLose ? losing : [])];
  if (reasons.length === 0) return;
  const wanted = [...(force ? [] : ["--force"]), ...(mayLose ? ["--accept-data-loss"] : [])].join(" ");
  const planned = decision.kind === "drill" ? "A planned one is `spiloctl switchover`. " : "";
  throw new Refusal(reasons, `${planned}To do it all the same: ${wanted}.`, {
    dataMayBeLost: force && mayLose,
  });
}

function describeStart(decision: Possible, loss: DataLoss): string {
  const lost = `may be lost: ${describeLoss(loss)}`;
  if (decision.kind === "drill") return `drill: ${decision.leader} leads and is killed; ${lost}`;
  const { leader, candidate } = decision;
  const was = leader === undefined ? "nobody leads" : `${leader} leads and does not answer`;
  return `${was}, ${candidate.name} takes over; ${lost}`;
}
