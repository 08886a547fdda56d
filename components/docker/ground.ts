import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan, ZonePlan } from "../../cluster/index.ts";
import { engineAddress } from "../../cluster/placement/engine-address.ts";
import { CarriedImage } from "../resources/carried-image.ts";
import { LostZone } from "../resources/lost-zone.ts";
import { Zone } from "../resources/zone.ts";
import type { PartKind } from "./labels.ts";
import { makeNetwork } from "./network.ts";

/** What containers of a zone are made on. */
export interface Ground {
  /** The engine's address, as actions reach it. */
  readonly engine: string;
  /** Of every resource of our own that is about the engine. */
  readonly own: pulumi.CustomResourceOptions;
  /** Of every resource of the docker provider. */
  readonly opts: pulumi.CustomResourceOptions;
  /** How a container of this name comes to its address. */
  network(part: Site): Partial<docker.ContainerArgs>;
  /** @returns what has to be there before the docker provider looks for the image. */
  image(image: string): readonly pulumi.Resource[];
}

/** As much of a part as its network is about. */
interface Site {
  readonly name: string;
  readonly address: string;
}

interface GroundOptions {
  readonly plan: ClusterPlan;
  readonly zone: ZonePlan;
  readonly incarnation: pulumi.Output<string>;
  readonly within: { readonly parent: pulumi.Resource };
}

/** One engine with a network of the cluster's own, in which every part has its planned address. */
export function ownNetwork({ plan, zone, within }: GroundOptions): Ground {
  const name = `${plan.cluster}-${zone.name}`;
  const provider = new docker.Provider(name, { host: zone.host, ...tlsOf(zone) }, within);
  const opts = { ...within, provider };
  const network = makeNetwork(plan, `${name}-network`, opts);
  return {
    engine: engineOf(zone),
    own: within,
    opts,
    // The network's name is taken from the network itself: if it is replaced, the containers on it go first.
    network: ({ address }) => ({ networksAdvanced: [{ name: network.name, ipv4Address: address }] }),
    image: () => [],
  };
}

/**
 * One of several engines, whose containers use the network of its host. All that stands there is dropped from the state
 * together with the zone, so that one that is lost can be given up without asking its engine for anything; and images
 * that are on this machine alone are brought there.
 */
export function hostNetwork({ plan, zone, incarnation, within }: GroundOptions): Ground {
  const name = `${plan.cluster}-${zone.name}`;
  const engine = engineOf(zone);
  const keeps = keptKinds(plan);
  const args = { cluster: plan.cluster, incarnation, zone: zone.name, engine, keeps };
  const ground = new Zone(`${name}-zone`, args, within);
  const provider = new docker.Provider(
    name,
    { host: zone.host, ...tlsOf(zone) },
    { ...within, dependsOn: ground },
  );
  const own = { ...within, deletedWith: ground };
  return {
    engine,
    own,
    opts: { ...own, provider },
    // A host's network knows the host's own name only.
    network: (part) => ({ networkMode: "host", hosts: [{ host: part.name, ip: part.address }] }),
    image: (image) => {
      const carried = `${name}-carried-${image.replaceAll(/[^A-Za-z0-9.]+/g, "-")}`;
      return [new CarriedImage(carried, { image, engine }, { ...own, dependsOn: ground })];
    },
  };
}

/** In place of all that stood in a zone that cannot be had. */
export function lostGround({ plan, zone, incarnation, within }: GroundOptions): void {
  const args = { cluster: plan.cluster, incarnation, zone: zone.name, engine: engineOf(zone) };
  new LostZone(`${plan.cluster}-${zone.name}-lost`, args, within);
}

/** What is `deletedWith` the zone is not asked whether it stays: the zone's own deletion has to know. */
function keptKinds({ members, archive }: ClusterPlan): readonly PartKind[] {
  return [
    ...(members.some(({ retained }) => retained) ? (["member"] as const) : []),
    ...(archive.server?.retained ? (["s3"] as const) : []),
  ];
}

function engineOf({ host, certificates }: ZonePlan): string {
  return engineAddress(host, certificates);
}

function tlsOf({ certificates }: ZonePlan): docker.ProviderArgs {
  return certificates === undefined ? {} : { certPath: certificates };
}
