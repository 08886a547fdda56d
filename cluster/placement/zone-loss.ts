import { synchronousMembers, type ZoneShare } from "./placement.ts";

/** How commits are made safe: as much of a specification as matters when a zone is lost. */
export interface CommitRule {
  readonly mode: "off" | "on" | "quorum";
  /** Standbys that must have a commit. */
  readonly count: number;
  readonly durability: "preferred" | "required";
}

/**
 * What becomes of writes when a zone is lost, whoever leads at that time:
 *
 * - `go on`: the leader stays or another one takes over, and nothing that was acknowledged is lost;
 * - `go on with loss`: another one takes over, and the last commits may be missing;
 * - `stop`: until the zone is back, or somebody decides.
 */
export type Writes = "go on" | "go on with loss" | "stop";

export interface ZoneLoss {
  readonly zone: string;
  readonly writes: Writes;
  /** Why they stop: part of a sentence, `two of three voters stand in it`; undefined when they go on. */
  readonly because: string | undefined;
}

/**
 * For each zone that holds anything, what losing the whole of it does.
 *
 * @param eligible the members that may have synchronous commits, by index.
 */
export function zoneLosses(
  shares: readonly ZoneShare[],
  commit: CommitRule,
  eligible: readonly number[] = synchronousMembers(shares),
): readonly ZoneLoss[] {
  return shares
    .filter(({ members, voters }) => members.length + voters.length > 0)
    .map((share) => lossOf(share, shares, commit, eligible));
}

function lossOf(
  lost: ZoneShare,
  shares: readonly ZoneShare[],
  commit: CommitRule,
  eligible: readonly number[],
): ZoneLoss {
  const { zone } = lost;
  const left = shares.filter((share) => share !== lost);
  const stops = (because: string): ZoneLoss => ({ zone, writes: "stop", because });
  const voters = shares.reduce((sum, share) => sum + share.voters.length, 0);
  if (2 * (voters - lost.voters.length) <= voters) {
    return stops(`${lost.voters.length} of ${voters} voters stand in it`);
  }
  if (lost.members.length === 0) return { zone, writes: "go on", because: undefined };
  const holding = left.filter(({ members }) => members.length > 0);
  if (holding.length === 0) return stops("all members stand in it");
  if (commit.mode === "off") return { zone, writes: "go on with loss", because: undefined };
  const because = whyNobodyGoesOn(lost, commit, eligible);
  return { zone, writes: because === undefined ? "go on" : "stop", because };
}

/** Quorum is there, and members elsewhere: what keeps all of them from leading, or from acknowledging a commit. */
function whyNobodyGoesOn(
  lost: ZoneShare,
  { count, durability }: CommitRule,
  eligible: readonly number[],
): string | undefined {
  const gone = eligible.filter((index) => lost.members.includes(index)).length;
  const staying = eligible.length - gone;
  if (staying === 0) return "nobody elsewhere has synchronous commits";
  // The leader is one of them. Somebody who stays has each commit for certain only if fewer are lost than have it.
  if (gone - 1 >= Math.min(count, eligible.length - 1)) {
    return "the last commits may be on standbys of that zone alone";
  }
  if (durability === "required" && staying === 1) return "no standby is left that could have a commit";
  return undefined;
}

/** Whether the loss of at least one zone with members in it leaves writes going: else it is no cross-zone cluster. */
export function survivesAnyZone(losses: readonly ZoneLoss[], shares: readonly ZoneShare[]): boolean {
  return losses.some(
    ({ zone, writes }) =>
      writes !== "stop" && shares.some((share) => share.zone === zone && share.members.length > 0),
  );
}
