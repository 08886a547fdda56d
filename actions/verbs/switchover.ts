import {
  checkSwitchover,
  type SwitchoverDecision,
  synchronousUnder,
} from "../../cluster/running/switchover-checks.ts";
import { bytesInWords } from "../../cluster/schema/byte-words.ts";
import { ActionError } from "../action-error.ts";
import type { OperatingHandle } from "../handle.ts";
import { isPatronisRefusal } from "../patroni/patroni-verbs.ts";
import type { PausedPool } from "../pool-pause.ts";
import type { ProbeResult } from "../probe/write-probe.ts";
import { logFromNowOn, settle } from "../switchover/aftermath.ts";
import { archiveFirst, type Unarchived } from "../switchover/archive-first.ts";
import { type HandedOver, handOver } from "../switchover/hand-over.ts";
import { inServiceBefore, type ObservedRoles } from "../switchover/observe-roles.ts";
import type { RejoinFacts } from "../switchover/rejoin.ts";
import { type RoleTools, roleTools } from "../switchover/role-tools.ts";
import { type StepReport, type Steps, stepsOn } from "../switchover/steps.ts";
import { measured, statisticsOf } from "../switchover/told.ts";
import { startWatch } from "../switchover/watched.ts";
import { waitFor } from "../wait.ts";
import { type Narrator, Refusal } from "./verb.ts";

export interface SwitchoverOptions {
  /** Who is to lead. @default the best candidate: synchronous, and behind the least */
  readonly to?: string | undefined;
  /** What becomes of WAL that waits for the archive on the leader. @default refuse */
  readonly unarchived?: Unarchived;
  /** For the former leader to stream again. @default 300000 */
  readonly deadlineMs?: number;
  /** What is done to the cluster. @default the cluster itself */
  readonly tools?: RoleTools;
}

export interface SwitchoverReport {
  readonly cluster: string;
  /** Whoever was asked for leads already; nothing was done. */
  readonly already: boolean;
  readonly from: string;
  /** Who leads now. */
  readonly to: string;
  /** The one that began with it. */
  readonly timeline?: number;
  /** Where the former timeline ended, as PostgreSQL writes it. */
  readonly promotedAt?: string;
  /** How the former leader came back. */
  readonly rejoined?: RejoinFacts;
  /** For each pool whether its clients waited meanwhile. */
  readonly pools: readonly PausedPool[];
  /** What an application saw; absent when nobody could write before it. */
  readonly outage?: ProbeResult;
  /** What becomes of the statistics of the planner. Absent when nothing was done. */
  readonly statistics?: string;
  readonly steps: readonly StepReport[];
}

/** The candidate has all of what the leader had written when it was asked. */
const CATCH_UP_MS = 10_000;

/** A standby that has just come gets its copies of logical slots within three rounds of Patroni's. */
const COPY_MS = 60_000;

/**
 * Hands the leadership to a standby in good order, and measures what an application sees of it. Returns when all
 * members stream from the new leader.
 *
 * @throws Refusal with every reason; nothing was changed.
 * @throws ActionError `failed` when Patroni tries in vain, `deadline` when something is not there in time: the message
 *   says how it stands. Whatever is thrown, no client of a pool is left waiting.
 */
export async function switchover(
  handle: OperatingHandle,
  options: SwitchoverOptions,
  narrator: Narrator,
): Promise<SwitchoverReport> {
  const tools = options.tools ?? roleTools(handle);
  const observed = await tools.observe();
  const decision = checkSwitchover(observed, options.to === undefined ? {} : { to: options.to });
  const cluster = handle.name;
  if (decision.kind === "already") {
    const { leader } = decision;
    narrator.note(`${leader} leads already`);
    return { cluster, already: true, from: leader, to: leader, pools: [], steps: [] };
  }
  if (decision.kind === "refused") throw new Refusal(decision.reasons, decision.remedy);
  await archiveFirst(tools, decision.leader, options.unarchived ?? "refuse", narrator);
  narrator.note(describeStart(observed, decision));
  return await carryOut(tools, { cluster, observed, decision, narrator, deadlineMs: options.deadlineMs });
}

interface Plan {
  readonly cluster: string;
  readonly observed: ObservedRoles;
  readonly decision: Extract<SwitchoverDecision, { kind: "go" }>;
  readonly narrator: Narrator;
  readonly deadlineMs: number | undefined;
}

async function carryOut(tools: RoleTools, plan: Plan): Promise<SwitchoverReport> {
  const { cluster, observed, decision, narrator, deadlineMs } = plan;
  const { leader: from, candidate } = decision;
  const readLog = await logFromNowOn(tools, from, narrator);
  const watch = await startWatch(tools, narrator);
  try {
    const steps = stepsOn(tools.clock, narrator);
    await haveSlotsCopied(tools, from, candidate.name);
    await catchUp(tools, from, candidate.name);
    steps.done(`${candidate.name} has caught up`);
    const { leader, pools } = await handOverOrExplain(tools, plan, steps);
    const { name: to, timeline } = leader;
    const others = inServiceBefore(observed).filter((name) => name !== from && name !== to);
    const synchronous = synchronousUnder(to, observed.members);
    const { settled, outage } = await measured(
      tools,
      watch,
      { kind: "switchover", from, to, narrator },
      async () => {
        if (await watch.writesAgain()) steps.done("applications write again");
        const after = { former: from, leader, others, synchronous, readLog, deadlineMs, steps, narrator };
        return await settle(tools, after);
      },
    );
    const statistics = statisticsOf(to);
    narrator.note(statistics);
    return {
      ...{ cluster, already: false, from, to, pools, statistics, steps: steps.all },
      ...(timeline === undefined ? {} : { timeline }),
      ...settled,
      ...(outage === undefined ? {} : { outage }),
    };
  } finally {
    await watch.stop();
  }
}

/** Patroni does not look at it: it makes a slot that a new leader lacks, and what had not been read by then is skipped. */
async function haveSlotsCopied(tools: RoleTools, from: string, to: string): Promise<void> {
  const { clock, signal } = tools;
  const limits = { deadlineMs: COPY_MS, everyMs: 1_000, clock, signal };
  try {
    await waitFor({ what: `${to} has its copies of the logical slots`, ...limits }, async () => {
      const missing = await tools.uncopiedSlots(from, to);
      return missing.length === 0 ? { found: true } : { pending: `it has none of ${missing.join(", ")}` };
    });
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== "deadline") throw error;
    const remedy =
      `Look why Patroni does not copy it: \`docker logs ${to}\`. A slot that nobody needs any more is taken out of ` +
      "logicalSlots.";
    throw new Refusal([error.message], remedy, { cause: error });
  }
}

/** Before anybody waits: it has to replay what it has received before it can lead. */
async function catchUp(tools: RoleTools, from: string, to: string): Promise<void> {
  const { clock, signal } = tools;
  const { written } = await tools.position(from);
  if (written === undefined) throw new ActionError("failed", `${from} does not say how far its WAL is`);
  const limits = { deadlineMs: CATCH_UP_MS, everyMs: 50, clock, signal };
  try {
    await waitFor({ what: `${to} catches up`, ...limits }, async () => {
      const { replayed = 0 } = await tools.position(to);
      return replayed >= written
        ? { found: true }
        : { pending: `it is ${bytesInWords(written - replayed)} behind with replaying` };
    });
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== "deadline") throw error;
    throw new Refusal([error.message], "Wait until it has less to replay: `spiloctl status --watch`.", {
      cause: error,
    });
  }
}

/** Patroni's no changes nothing. What else goes wrong is told with what was being done. */
async function handOverOrExplain(tools: RoleTools, plan: Plan, steps: Steps): Promise<HandedOver> {
  const { decision, observed, narrator } = plan;
  const { leader: from, candidate } = decision;
  const { name: to } = candidate;
  try {
    return await handOver(tools, { from, to, steps, narrator });
  } catch (error) {
    if (isPatronisRefusal(error)) {
      const seen = `${to} was ${describeCandidate(observed, candidate)} a moment ago`;
      throw new Refusal([error.message, seen], "Look what has changed: `spiloctl status`.", { cause: error });
    }
    if (!(error instanceof ActionError)) throw error;
    throw new ActionError(error.code, `switchover from ${from} to ${to}: ${error.message}`, { cause: error });
  }
}

/** `dev-1 leads, dev-2 is synchronous, lag 0 B, nothing paused`. */
function describeStart(
  observed: ObservedRoles,
  { leader, candidate }: Extract<SwitchoverDecision, { kind: "go" }>,
): string {
  return `${leader} leads, ${candidate.name} is ${describeCandidate(observed, candidate)}, nothing paused`;
}

function describeCandidate(
  { synchronousMode }: ObservedRoles,
  candidate: Extract<SwitchoverDecision, { kind: "go" }>["candidate"],
): string {
  const how = synchronousMode === "off" ? "streaming" : "synchronous";
  return `${how}, lag ${bytesInWords(candidate.lagBytes ?? 0)}`;
}
