import type * as pulumi from "@pulumi/pulumi";
import { archivePrefix, archivesElsewhere, type ClusterPlan } from "../cluster/index.ts";
import { engineAddress } from "../cluster/placement/engine-address.ts";
import { Marker } from "./resources/marker.ts";

/** What is written down of a cluster that somebody has, or that lives for a while; nothing for all others. */
export function makeMarker(
  plan: ClusterPlan,
  incarnation: pulumi.Output<string>,
  within: { readonly parent: pulumi.Resource },
): readonly pulumi.Resource[] {
  const { cluster, marker, teardown, zones, aws } = plan;
  if (marker === undefined || aws !== undefined) return [];
  const enginesOf = (some: typeof zones) =>
    some.map(({ host, certificates }) => engineAddress(host, certificates));
  const engines = enginesOf(zones.filter(({ available }) => available));
  const lost = enginesOf(zones.filter(({ available }) => !available));
  const archives = incarnation.apply((token) =>
    archivesElsewhere(plan).map((place) => ({ ...place, prefix: archivePrefix(plan, token) })),
  );
  const places = { engines, ...(lost.length === 0 ? {} : { lost }) };
  const args = { cluster, incarnation, ...places, protected: teardown.protected, archives, ...marker };
  return [new Marker(`${cluster}-marker`, args, within)];
}
