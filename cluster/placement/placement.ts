/**
 * Which zone each part of a cluster stands in, and which members may have synchronous commits: decided from the list of
 * zones alone, so that a plan is the same on every machine and whoever leads.
 */

/** A zone as it is declared. */
export interface ZoneChoice {
  readonly name: string;
  /** Holds voters only. @default false */
  readonly witness?: boolean;
}

/** What stands in one zone, by indexes from 1 on. */
export interface ZoneShare {
  readonly zone: string;
  readonly members: readonly number[];
  readonly voters: readonly number[];
}

export interface SpreadOptions {
  /** Those that can be had, in the order in which they are declared. Not empty, and not only witnesses. */
  readonly zones: readonly ZoneChoice[];
  readonly members: number;
  readonly voters: number;
}

/**
 * Members go round the zones that hold data, voters round those and then the witnesses: no zone holds a part more than
 * another one of its kind. A zone that is added at the end of the list moves as few of them as that takes. Where the
 * primary is wished for has no say: a wish that changes must not move data.
 */
export function spread({ zones, members, voters }: SpreadOptions): readonly ZoneShare[] {
  const data = zones.filter(({ witness = false }) => !witness).map(({ name }) => name);
  const witnesses = zones.filter(({ witness = false }) => witness).map(({ name }) => name);
  const voting = [...data, ...witnesses];
  return voting.map((zone) => ({
    zone,
    members: roundOf(data, zone, members),
    voters: roundOf(voting, zone, voters),
  }));
}

/** The indexes that fall to a zone when as many parts as `count` go round. */
function roundOf(zones: readonly string[], zone: string, count: number): readonly number[] {
  const place = zones.indexOf(zone);
  const indexes = Array.from({ length: count }, (_, offset) => offset + 1);
  return place < 0 ? [] : indexes.filter((index) => (index - 1) % zones.length === place);
}

/**
 * The members that may have synchronous commits. Where members stand in two or more zones, that is the first of each
 * zone, and the others are tagged `nosync`: any synchronous standby is then in another zone than the leader, and losing a
 * zone never takes two of them. Else it is all of them.
 *
 * @see cluster/placement/zone-loss.ts for what would be lost without.
 */
export function synchronousMembers(shares: readonly ZoneShare[]): readonly number[] {
  const holding = shares.filter(({ members }) => members.length > 0);
  const chosen =
    holding.length < 2 ? holding : holding.map((share) => ({ members: share.members.slice(0, 1) }));
  return chosen.flatMap(({ members }) => members).toSorted((left, right) => left - right);
}
