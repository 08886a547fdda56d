import { type SpreadOptions, spread, type ZoneChoice, type ZoneShare } from "./placement.ts";

/** A zone as it is declared, and whether it can be had. */
interface StandingChoice extends ZoneChoice {
  /** @default true */
  readonly available?: boolean;
}

/** How parts stand: as they are spread, but for those whose zone cannot be had. */
export interface StandingOptions extends Omit<SpreadOptions, "zones"> {
  /** In the order in which they are declared. At least one that holds data can be had. */
  readonly zones: readonly StandingChoice[];
}

/**
 * What stands in each zone that can be had. A part whose own zone cannot be had stands in the one with the fewest of its
 * kind; all others stay where they are, so that little moves when a zone goes, and the same little when it is back. In
 * each list those come first that belong there.
 */
export function standing({ zones, members, voters }: StandingOptions): readonly ZoneShare[] {
  const homes = spread({ zones, members, voters });
  const there = homes.filter((share) => zones.some((zone) => zone.name === share.zone && canBeHad(zone)));
  const data = there.filter((share) => zones.some((zone) => zone.name === share.zone && !zone.witness));
  // Of zones with as few members, the last: it may be the one that has none yet. Of zones with as few voters, the first:
  // witnesses come last, and quorum is of no use without data.
  const standingMembers = placed("members", homes, data.toReversed());
  const standingVoters = placed("voters", homes, there);
  return there.map(({ zone }) => ({
    zone,
    members: standingMembers.get(zone) ?? [],
    voters: standingVoters.get(zone) ?? [],
  }));
}

/** Whether members stand in several zones, or in a single one. */
export function standingMode(shares: readonly ZoneShare[]): "zonal" | "cross-zone" {
  return shares.filter(({ members }) => members.length > 0).length > 1 ? "cross-zone" : "zonal";
}

function canBeHad({ available = true }: StandingChoice): boolean {
  return available;
}

/** @param there the zones that those may stand in whose own cannot be had: of several that are as good, the first. */
function placed(
  kind: "members" | "voters",
  homes: readonly ZoneShare[],
  there: readonly ZoneShare[],
): ReadonlyMap<string, readonly number[]> {
  const held = new Map(there.map((share) => [share.zone, [...share[kind]]]));
  const homeless = homes.filter(({ zone }) => !held.has(zone)).flatMap((share) => share[kind]);
  for (const index of homeless.toSorted((left, right) => left - right)) {
    // More members move none that stands: those that come after it do not count. Voters are never more.
    const counts = (other: number) => kind === "voters" || other < index;
    fewest([...held.values()], counts)?.push(index);
  }
  return held;
}

function fewest(lists: readonly number[][], counts: (index: number) => boolean): number[] | undefined {
  const count = (list: readonly number[]) => list.filter(counts).length;
  return lists.toSorted((left, right) => count(left) - count(right))[0];
}
