import { checkExchange, checkPromotion, describeLag } from "../../cluster/running/promotion-checks.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { positionOf } from "../archive/segments.ts";
import type { ClusterHandle } from "../handle.ts";
import { leaderOrExplain } from "../patroni/patroni-lifecycle.ts";
import { beginToFollow, endpointOf } from "../standby/begin-to-follow.ts";
import { type Followed, followedBy } from "../standby/followed.ts";
import { lastCheckpoint } from "../standby/last-checkpoint.ts";
import { lead, leaderNameOf } from "../standby/lead.ts";
import { receivedOn, type ServerPosition } from "../standby/received.ts";
import { waitFor } from "../wait.ts";
import { start } from "./start.ts";
import { stop } from "./stop.ts";
import { type Narrator, Refusal } from "./verb.ts";

export interface PromoteOptions {
  /** The cluster that is followed: it is stopped first, and follows afterwards. @default it is not asked */
  readonly source?: ClusterHandle | undefined;
  /** Where the source reaches this cluster: `host:port`. @default the endpoint */
  readonly reach?: string | undefined;
  /** Also while the source serves. @default false */
  readonly force?: boolean | undefined;
  readonly acceptDataLoss?: boolean | undefined;
  /** For each step. @default 300000 */
  readonly deadlineMs?: number | undefined;
}

export interface PromoteReport {
  readonly cluster: string;
  /** It led already. */
  readonly already: boolean;
  readonly leader: string;
  readonly timeline: number | null;
  /** What it did not have, as it was known before; null: nothing was missing, or it led already. */
  readonly mayBeLost: string | null;
  /** The cluster that it followed follows it now. */
  readonly reversed: boolean;
  /** From the moment that the source took no more writes, or from the beginning, until this one did. */
  readonly milliseconds: number;
}

/**
 * Has a cluster lead that follows another one. With the other one's help nothing is lost: that is stopped, all that it has
 * written is waited for, and afterwards it follows. Without, nobody knows what it has written and not sent.
 *
 * The specification is not changed: `standbyOf` has to go from this cluster's, and to come into the other one's.
 *
 * @throws Refusal with what is known of the loss; nothing was changed.
 * @throws ActionError `deadline` or `failed`: the message says which of the two leads.
 */
export async function promote(
  handle: ClusterHandle,
  options: PromoteOptions,
  narrator: Narrator,
): Promise<PromoteReport> {
  const { config, restUrl, leader } = await leaderOrExplain(handle);
  const followed = followedBy(config);
  if (followed === undefined) {
    narrator.note(`cluster ${handle.name} leads already`);
    const timeline = leader.timeline ?? null;
    const rest = { mayBeLost: null, reversed: false, milliseconds: 0 };
    return { cluster: handle.name, already: true, leader: leader.name, timeline, ...rest };
  }
  const work: Work = { handle, options, narrator, followed, restUrl, leader: leader.name };
  return options.source === undefined ? alone(work) : inExchange(work, options.source);
}

interface Work {
  readonly handle: ClusterHandle;
  readonly options: PromoteOptions;
  readonly narrator: Narrator;
  readonly followed: Followed;
  readonly restUrl: string;
  readonly leader: string;
}

async function alone(work: Work): Promise<PromoteReport> {
  const { handle, options, narrator, followed } = work;
  const { force = false, acceptDataLoss = false } = options;
  const received = await receivedOn(handle, work.leader);
  const decision = checkPromotion(followed.inWords, received, { force, acceptDataLoss });
  const { reasons, remedy, dataMayBeLost } = decision;
  if (reasons.length > 0) throw new Refusal(reasons, remedy, { dataMayBeLost });
  const mayBeLost = describeLag(received);
  narrator.note(`may be lost: ${mayBeLost}`);
  const began = handle.clock.now();
  await allIsReplayed(work);
  return { ...(await leads(work, began)), mayBeLost, reversed: false };
}

async function inExchange(work: Work, source: ClusterHandle): Promise<PromoteReport> {
  const { handle, options, narrator } = work;
  const { deadlineMs = STEP_MS, reach = endpointOf(handle) } = options;
  const former = await leaderNameOf(source);
  const [own, other] = await Promise.all([receivedOn(handle, work.leader), receivedOn(source, former)]);
  refuseExchange(work, source, own, other);
  narrator.note(`${source.name} is stopped first, so nothing is lost; now: ${describeLag(own)}`);
  const began = handle.clock.now();
  await stop(source, { deadlineMs }, narrator);
  await hasAllOf(work, source, former);
  const report = await leads(work, began);
  try {
    await beginToFollow(source, { cluster: handle.name, host: reach }, deadlineMs, narrator);
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    const how = `${reasonOf(error)}. ${handle.name} leads, with all that was written; ${source.name} does not follow yet`;
    throw new ActionError(error.code, `${how}: \`spiloctl follow\` goes on there`, { cause: error });
  }
  narrator.note(
    `take standbyOf out of ${handle.name}, and declare it for ${source.name}; then \`pulumi up\` in both`,
  );
  return { ...report, mayBeLost: null, reversed: true };
}

function refuseExchange(
  { handle, followed }: Work,
  source: ClusterHandle,
  own: ServerPosition,
  other: ServerPosition,
): void {
  const reasons = checkExchange(own, {
    followed: source.name,
    sameSystem: own.systemIdentifier === other.systemIdentifier,
    sourceLeads: !other.inRecovery,
    // On the hosts' networks members are admitted from there in any case.
    admitsStandbys: handle.endpoint.standbys === true || handle.endpoint.hosts !== undefined,
  });
  if (reasons.length === 0) return;
  throw new Refusal(
    reasons,
    `\`spiloctl status\` shows what is received from ${followed.inWords}; without ${source.name}: spiloctl promote --accept-data-loss.`,
  );
}

/** What was received is replayed before anything that is not there can be written in its place. */
async function allIsReplayed({ handle, leader, options }: Work): Promise<void> {
  const { clock, signal } = handle;
  const limits = { deadlineMs: options.deadlineMs ?? STEP_MS, everyMs: 250, clock, signal };
  await waitFor({ what: "all that was received is replayed", ...limits }, async () => {
    const { unreplayedBytes } = await receivedOn(handle, leader);
    return unreplayedBytes <= 0 ? { found: true } : { pending: `${unreplayedBytes} bytes are not` };
  });
}

/** The source has ended: its last record is here, or it leads again. */
async function hasAllOf(work: Work, source: ClusterHandle, former: string): Promise<void> {
  const { handle, leader, narrator, options } = work;
  const { clock, signal } = handle;
  try {
    const last = await lastCheckpoint(source, former);
    const limits = { deadlineMs: options.deadlineMs ?? 60_000, everyMs: 250, clock, signal };
    await waitFor({ what: `all that ${source.name} has written is here`, ...limits }, async () => {
      const { replayed } = await receivedOn(handle, leader);
      const all = positionOf(replayed) > positionOf(last);
      return all ? { found: true } : { pending: `replayed up to ${replayed}, the end is at ${last}` };
    });
    narrator.step(`${handle.name} has all that ${source.name} has written, up to ${last}`);
  } catch (error) {
    narrator.warn(`${reasonOf(error)}: ${source.name} is started again`);
    await start(source, {}, narrator);
    const how = `${reasonOf(error)}. ${source.name} leads again, and nothing is lost`;
    throw new ActionError("failed", `${how}: \`spiloctl promote\` may be tried again`, { cause: error });
  }
}

async function leads(
  { handle, restUrl, narrator, options, followed }: Work,
  began: number,
): Promise<Omit<PromoteReport, "mayBeLost" | "reversed">> {
  const { leader, timeline } = await lead(handle, restUrl, options.deadlineMs ?? STEP_MS);
  const milliseconds = handle.clock.now() - began;
  narrator.step(`${leader} leads and takes writes, on timeline ${timeline ?? "unknown"}`, milliseconds);
  await handle.record("promote", { leader, followed: followed.inWords, tookMs: Math.round(milliseconds) });
  return { cluster: handle.name, already: false, leader, timeline: timeline ?? null, milliseconds };
}

const STEP_MS = 300_000;
