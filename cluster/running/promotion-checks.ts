import { bytesInWords } from "../schema/byte-words.ts";
import { spanInWords } from "./span-words.ts";

/** How far a cluster that follows another one has come, as its own leader says. */
export interface Received {
  /** Bytes of WAL that it has received and not replayed. */
  readonly unreplayedBytes: number;
  /** Bytes that the other cluster has told of and that it does not have; null: it was told of nothing. */
  readonly behindBytes: number | null;
  /** It has a connection to the other cluster. */
  readonly streams: boolean;
  /** Seconds since it last heard from the other cluster; null: it has no connection. */
  readonly heardSeconds: number | null;
  /** When the last commit that it has was made, by the other cluster's clock, ISO 8601; null: none was replayed. */
  readonly lastCommit: string | null;
  /** How long ago that was, seconds. */
  readonly lastCommitSeconds: number | null;
}

export interface PromotionWish {
  /** Also while the other cluster serves. */
  readonly force: boolean;
  readonly acceptDataLoss: boolean;
}

/** Why a cluster is not promoted; none: it may be. */
export interface PromotionDecision {
  readonly reasons: readonly string[];
  readonly remedy: string;
  /** Only the leave to lose data is missing. */
  readonly dataMayBeLost: boolean;
}

/** How much WAL may be missing when the other cluster is stopped: what is sent while it stops is waited for. Bytes. */
export const plannedLagBytes = 16 * 1024 ** 2;

/** Without the other cluster's help nobody knows what was written there and not sent, so data may be lost. */
export function checkPromotion(
  followed: string,
  received: Received,
  { force, acceptDataLoss }: PromotionWish,
): PromotionDecision {
  const serves = received.streams ? [`${followed} serves, and both clusters would take writes`] : [];
  const loses = [`what may be lost: ${describeLag(received)}`];
  const reasons = [...(force ? [] : serves), ...(acceptDataLoss ? [] : loses)];
  const flags = [
    ...(received.streams && !force ? ["--force"] : []),
    ...(acceptDataLoss ? [] : ["--accept-data-loss"]),
  ];
  const planned = received.streams ? "Without loss: `spiloctl promote --source-stack NAME`. " : "";
  const remedy = `${planned}To do it all the same: ${flags.join(" ")}.`;
  const dataMayBeLost = !acceptDataLoss && (force || !received.streams);
  return { reasons, remedy, dataMayBeLost };
}

/** Why the two cannot change places now: each the start of a sentence. */
export function checkExchange(
  { streams, behindBytes }: Received,
  others: {
    readonly followed: string;
    /** Identifies the database since it was made. */
    readonly sameSystem: boolean;
    readonly sourceLeads: boolean;
    /** Whether the one that is promoted lets the other one stream. */
    readonly admitsStandbys: boolean;
  },
): readonly string[] {
  const { followed, sameSystem, sourceLeads, admitsStandbys } = others;
  if (!sameSystem) return [`${followed} is not the cluster that is followed: it has another database system`];
  return [
    ...(sourceLeads ? [] : [`${followed} does not lead: it follows another cluster itself`]),
    ...(streams ? [] : ["nothing is received from there"]),
    ...(behindBytes !== null && behindBytes > plannedLagBytes
      ? [`it is ${bytesInWords(behindBytes)} behind (limit ${bytesInWords(plannedLagBytes)})`]
      : []),
    ...(admitsStandbys
      ? []
      : ["endpoint.standbys is not true here, so that the other cluster could not follow"]),
  ];
}

/** `0 B behind what it told 0.3 s ago, the last commit at …`. */
export function describeLag(received: Received): string {
  const { behindBytes, streams, heardSeconds, lastCommit, lastCommitSeconds } = received;
  const commit =
    lastCommit === null
      ? "no commit was replayed yet"
      : `the last commit is of ${lastCommit}${ago(lastCommitSeconds)}`;
  if (!streams || heardSeconds === null)
    return `what was written since nothing is received any more; ${commit}`;
  const behind = behindBytes === null ? "an unknown number of bytes" : bytesInWords(behindBytes);
  return `${behind} of what it told ${spanInWords(Math.max(0, heardSeconds))} ago, and what it has not told; ${commit}`;
}

function ago(seconds: number | null): string {
  return seconds === null ? "" : `, ${spanInWords(Math.max(0, seconds))} ago`;
}
