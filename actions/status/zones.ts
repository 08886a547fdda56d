import { zonesInWords } from "../../cluster/placement/zones-in-words.ts";
import type { ClusterHandle } from "../handle.ts";
import type { MemberReport } from "./members.ts";
import type { StatusFacts } from "./report.ts";

type Mode = "zonal" | "cross-zone";

/** Where a cluster stands, as it was asked for and as it is. */
export interface PlacementReport {
  readonly mode: Mode;
  /** Whether its members stand in one zone or in several. */
  readonly standing: Mode;
  readonly fallbackToSameZone: boolean;
  /** Where the leader belongs; null: nowhere in particular. */
  readonly primaryZone: string | null;
  /** Where it is; null when nobody leads, or whoever does is not declared. */
  readonly leaderZone: string | null;
  readonly zones: readonly {
    readonly name: string;
    /** As it was declared when the stack was last brought up. */
    readonly available: boolean;
    /** Holds a voter and no data. */
    readonly witness: boolean;
  }[];
}

export function placementReport(
  { placement, members }: Pick<ClusterHandle, "placement" | "members">,
  leader: string | undefined,
): PlacementReport | null {
  if (placement === undefined) return null;
  const { mode, standing, fallbackToSameZone, primaryZone = null, zones } = placement;
  return {
    ...{ mode, standing, fallbackToSameZone, primaryZone },
    leaderZone: members.find(({ name }) => name === leader)?.zone ?? null,
    zones: zones.map(({ name, available, witness }) => ({ name, available, witness })),
  };
}

type ZoneFacts = Pick<StatusFacts, "placement" | "members" | "leader" | "synchronous">;

/** What is not as it should be of zones, and of who may have synchronous commits. */
export function zoneDegradations(facts: ZoneFacts): readonly string[] {
  const { placement, members } = facts;
  const standing = placement === null ? [] : unavailableZones(placement);
  return [...standing, ...promiseDegradations(facts), ...members.flatMap(tagDegradations)];
}

/** A wish is no fault: it is acted on when somebody asks. */
export function zoneNotes({ placement }: Pick<StatusFacts, "placement">): readonly string[] {
  if (placement === null) return [];
  const { primaryZone: home, leaderZone } = placement;
  if (home === null || leaderZone === null || leaderZone === home) return [];
  return isHomeAvailable(placement)
    ? [`the primary is in zone ${leaderZone} and belongs in zone ${home}: \`spiloctl switchover --home\``]
    : [`the primary is in zone ${leaderZone}, as zone ${home}, where it belongs, is not available`];
}

/** Whether the primary could be where it belongs. */
function isHomeAvailable({ primaryZone, zones }: PlacementReport): boolean {
  return zones.some(({ name, available }) => name === primaryZone && available);
}

const whenBack = "(`spiloctl zones probe --write` when back, then `pulumi up`)";

function unavailableZones({ mode, standing, zones }: PlacementReport): readonly string[] {
  const missing = zones.filter(({ available }) => !available).map(({ name }) => name);
  const isOrAre = missing.length === 1 ? "is" : "are";
  if (mode === "cross-zone" && standing === "zonal") {
    const why =
      missing.length === 0
        ? "no other zone that holds data is declared (`placement.zones`)"
        : `${zonesInWords(missing)} ${isOrAre} not available ${whenBack}`;
    return [`cross-zone asked, stands in one zone: ${why}`];
  }
  if (missing.length === 0) return [];
  return [`${zonesInWords(missing)} ${isOrAre} declared not available ${whenBack}`];
}

/**
 * While one leads that may not have synchronous commits, the standby that every commit waits for may be in its own zone:
 * losing that one could lose both.
 */
function promiseDegradations({ placement, members, leader, synchronous }: ZoneFacts): readonly string[] {
  const leading = members.find(({ name }) => name === leader);
  if (placement?.standing !== "cross-zone" || synchronous.asked === 0 || leading === undefined) return [];
  if (leading.eligible !== false) return [];
  const { primaryZone } = placement;
  // Where the way home is barred, the best of the others will do.
  const verb =
    primaryZone === null || isHomeAvailable(placement)
      ? "`spiloctl switchover --home`"
      : "`spiloctl switchover`";
  return [`${leader} leads, a nosync member: the zone promise is off until ${verb} hands over`];
}

function tagDegradations({ name, declared, eligible, nosync }: MemberReport): readonly string[] {
  if (!declared || eligible === null || nosync === null || nosync !== eligible) return [];
  const found = nosync ? "is tagged nosync, and is not to be" : "is not tagged nosync, and is to be";
  return [`${name} ${found}: an update has not come to it (\`pulumi up\`)`];
}
