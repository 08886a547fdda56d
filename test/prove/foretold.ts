import type { ZoneShare } from "../../cluster/placement/placement.ts";
import type { CommitRule, Writes } from "../../cluster/placement/zone-loss.ts";
import { afterLosing, moments } from "../unit/patroni-model.ts";
import type { ZonesWorld } from "../zones/zones-world.ts";

interface Loss {
  /** Members without the tag `nosync`. */
  readonly eligible: readonly string[];
  /** Whose zone is lost. */
  readonly leader: string;
}

/** What a cluster that asks for nothing else has. */
const quorum: CommitRule = { mode: "quorum", count: 1, durability: "preferred" };

/**
 * What the model that the plan's promises are held against says of losing the leader's zone, by whichever standby has the
 * last commit. A live round has to come out as that.
 *
 * @throws Error when the model takes several outcomes for possible: such a round shows nothing.
 */
export async function foretold(zones: ZonesWorld, { eligible, leader }: Loss): Promise<Writes> {
  const { names } = await zones.cluster();
  const voters: readonly { readonly name: string }[] = JSON.parse(
    await zones.world.pulumi("stack", "output", "voters", "--json"),
  );
  const shares = sharesOf(
    names,
    voters.map(({ name }) => name),
  );
  const said = moments(shares, quorum, eligible.map(indexOf))
    .filter((moment) => moment.leader === indexOf(leader))
    .map((moment) => afterLosing(zoneOf(leader), moment));
  const [only, ...others] = new Set(said);
  if (only === undefined || others.length > 0) {
    throw new Error(`losing the zone of ${leader}: the model says ${said.join(" or ") || "nothing"}`);
  }
  return only;
}

function sharesOf(members: readonly string[], voters: readonly string[]): readonly ZoneShare[] {
  const zones = [...new Set([...members, ...voters].map(zoneOf))];
  const standingIn = (parts: readonly string[], zone: string) =>
    parts.filter((part) => zoneOf(part) === zone).map(indexOf);
  return zones.map((zone) => ({
    zone,
    members: standingIn(members, zone),
    voters: standingIn(voters, zone),
  }));
}

/** A part's name ends with its index and its zone. */
function indexOf(part: string): number {
  return Number(/-(\d+)-[^-]+$/.exec(part)?.[1]);
}

function zoneOf(part: string): string {
  return part.slice(part.lastIndexOf("-") + 1);
}
