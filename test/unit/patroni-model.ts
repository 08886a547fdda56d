import type { ZoneShare } from "../../cluster/placement/placement.ts";
import type { CommitRule, Writes } from "../../cluster/placement/zone-loss.ts";

/**
 * What Patroni does when a zone is lost, as far as its `/sync` key and its vote go: written from its documentation and
 * source, and with nothing of the plan's.
 *
 * @see https://patroni.readthedocs.io/en/latest/replication_modes.html
 */
export interface Moment {
  readonly shares: readonly ZoneShare[];
  readonly commit: CommitRule;
  /** Members without the tag `nosync`. */
  readonly eligible: readonly number[];
  readonly leader: number;
  /** Standbys that have the last commit that a client was told of. */
  readonly having: readonly number[];
}

/** Every leader there can be, and every set of standbys that can have been the ones to confirm a commit. */
export function moments(
  shares: readonly ZoneShare[],
  commit: CommitRule,
  eligible: readonly number[],
): readonly Moment[] {
  const members = shares.flatMap((share) => share.members);
  const leaders = commit.mode === "off" ? members : eligible;
  return leaders.flatMap((leader) =>
    confirming({ shares, commit, eligible, leader }).map((having) => ({
      ...{ shares, commit, eligible, leader, having },
    })),
  );
}

/** `ANY n (…)` for a quorum, `n (…)` for the mode `on`: either way, any n of the candidates. */
function confirming({ commit, eligible, leader }: Omit<Moment, "having">): readonly (readonly number[])[] {
  if (commit.mode === "off") return [[]];
  const candidates = eligible.filter((index) => index !== leader);
  return subsets(candidates, Math.min(commit.count, candidates.length));
}

/** What clients see from then on; the worst, where Patroni has a choice. */
export function afterLosing(zone: string, moment: Moment): Writes {
  const { shares, commit, leader } = moment;
  const there = shares.filter((share) => share.zone !== zone);
  const voters = (some: readonly ZoneShare[]) => some.reduce((sum, share) => sum + share.voters.length, 0);
  if (voters(there) < Math.floor(voters(shares) / 2) + 1) return "stop";
  const alive = there.flatMap((share) => share.members);
  if (alive.includes(leader)) return underLeader(leader, alive, moment);
  const next = promotable(alive, moment);
  if (next.length === 0) return "stop";
  const ways = next.map((one) => {
    if (!moment.having.includes(one)) return "go on with loss";
    return underLeader(one, alive, moment);
  });
  if (commit.mode === "off") return "go on with loss";
  return ways.find((way) => way === "go on with loss") ?? ways.find((way) => way === "stop") ?? "go on";
}

/** `synchronous_mode_strict`: without anybody to confirm, no commit returns. */
function underLeader(leader: number, alive: readonly number[], { commit, eligible }: Moment): Writes {
  const standbys = eligible.filter((index) => index !== leader && alive.includes(index));
  return commit.mode !== "off" && commit.durability === "required" && standbys.length === 0
    ? "stop"
    : "go on";
}

function promotable(
  alive: readonly number[],
  { commit, eligible, leader, having }: Moment,
): readonly number[] {
  if (commit.mode === "off") return alive;
  const candidates = eligible.filter((index) => index !== leader);
  const reachable = candidates.filter((index) => alive.includes(index));
  // Those that are named in `/sync` have every commit.
  if (commit.mode === "on") return reachable.filter((index) => having.includes(index));
  const quorum = candidates.length - Math.min(commit.count, candidates.length);
  const position = (index: number) => (having.includes(index) ? 1 : 0);
  return reachable.filter((one) => {
    const votes = reachable.filter((other) => other !== one && position(other) <= position(one));
    return votes.length >= quorum;
  });
}

function subsets(all: readonly number[], size: number): readonly (readonly number[])[] {
  if (size === 0) return [[]];
  return all.flatMap((first, place) =>
    subsets(all.slice(place + 1), size - 1).map((rest) => [first, ...rest]),
  );
}
