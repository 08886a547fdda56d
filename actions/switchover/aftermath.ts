import { lsnInWords } from "../../cluster/running/lsn.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import type { Narrator } from "../verbs/verb.ts";
import type { NewLeader } from "./new-leader.ts";
import { describeRejoin, type RejoinFacts, rejoinFacts } from "./rejoin.ts";
import type { RoleTools } from "./role-tools.ts";
import type { Steps } from "./steps.ts";

export interface Aftermath {
  /** Who led before. */
  readonly former: string;
  readonly leader: NewLeader;
  /** Members that have to lead or stream in the end, the former leader apart. */
  readonly others: readonly string[];
  /** How many standbys have to be synchronous again. */
  readonly synchronous: number;
  /** Reads what the former leader has logged meanwhile. */
  readonly readLog: (() => Promise<string>) | undefined;
  /** For the former leader to stream again. @default 300000 */
  readonly deadlineMs?: number | undefined;
  readonly steps: Steps;
  readonly narrator: Narrator;
}

/** How it stands when everything is in its place again. */
export interface Settled {
  /** How the former leader came back; absent when its log cannot be read. */
  readonly rejoined?: RejoinFacts;
  /** Where the former timeline ended: `0/35290B60`; absent when Patroni has not noted it. */
  readonly promotedAt?: string;
}

/** A fresh copy takes time; what is awaited goes on without anybody who waits. */
const DEADLINE_MS = 300_000;

/**
 * Waits until the former leader and all others stream from the new one.
 *
 * @throws ActionError `deadline` with what each of them is.
 */
export async function settle(tools: RoleTools, aftermath: Aftermath): Promise<Settled> {
  const { former, leader, others, synchronous, steps, narrator, deadlineMs = DEADLINE_MS } = aftermath;
  const onTimeline = leader.timeline === undefined ? "" : ` on timeline ${leader.timeline}`;
  const remedy = `It goes on by itself: \`spiloctl status --watch\`; \`docker logs ${former}\` says more`;
  await tools.inService({
    what: `${former} streams from ${leader.name}`,
    names: [former],
    synchronous: 0,
    deadlineMs,
    remedy,
  });
  const rejoined = await factsOf(aftermath);
  const how = rejoined === undefined ? "" : ` (${describeRejoin(rejoined)})`;
  steps.done(`${former} rejoined as standby${how}`);
  await tools.inService({
    what: `all members stream${onTimeline}`,
    names: [former, leader.name, ...others],
    synchronous,
    deadlineMs,
    remedy,
  });
  steps.done(`all members stream${onTimeline}`);
  const promotedAt = await endOfTimeline(tools, leader, narrator);
  return {
    ...(rejoined === undefined ? {} : { rejoined }),
    ...(promotedAt === undefined ? {} : { promotedAt }),
  };
}

async function factsOf({ readLog, narrator, former }: Aftermath): Promise<RejoinFacts | undefined> {
  try {
    return readLog === undefined ? undefined : rejoinFacts(await readLog());
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    narrator.warn(`how ${former} came back is not known: ${reasonOf(error)}`);
    return undefined;
  }
}

async function endOfTimeline(
  tools: RoleTools,
  { timeline }: NewLeader,
  narrator: Narrator,
): Promise<string | undefined> {
  try {
    const change = (await tools.history()).find((one) => one.timeline === timeline);
    return change && lsnInWords(change.lsn);
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    narrator.warn(`where the former timeline ended is not known: ${reasonOf(error)}`);
    return undefined;
  }
}

/** Reads what a member logs from now on; undefined, and told, when its engine does not answer. */
export async function logFromNowOn(
  tools: RoleTools,
  member: string,
  narrator: Narrator,
): Promise<(() => Promise<string>) | undefined> {
  try {
    return await tools.container(member).markLog();
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    narrator.warn(`how ${member} comes back will not be known: ${reasonOf(error)}`);
    return undefined;
  }
}
