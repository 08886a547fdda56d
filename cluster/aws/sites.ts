import { mostMembers } from "../placement/addresses.ts";
import { spread } from "../placement/placement.ts";
import { placeName, replicaPlaces } from "../placement/replica-places.ts";
import {
  type MemberSite,
  type ReplicaSite,
  type Sites,
  upTo,
  type VoterSite,
  zoneWith,
} from "../placement/sites.ts";
import { standing } from "../placement/standing.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { AwsNetworkPlan, AwsZonePlan } from "./aws-plan.ts";
import { endpointName } from "./names.ts";
import {
  memberAddressIn,
  memberNetworksIn,
  replicaAddressIn,
  serverNetworksIn,
  voterAddressIn,
} from "./network.ts";

const ports = { postgres: 5432, rest: 8008, client: 2379, peer: 2380 } as const;

/**
 * Every part on a machine of its own, with a planned address in its zone's network and the usual ports. A part has its
 * zone in its name: in another zone it is another part, with another machine and another volume.
 */
export function sitesOnMachines(spec: ClusterSpec, network: AwsNetworkPlan): Sites {
  const { name, placement, etcd } = spec;
  const zones = new Map(network.zones.map((zone) => [zone.zone, zone]));
  const inZone = (zone: string): AwsZonePlan => {
    const found = zones.get(zone);
    if (found === undefined) throw new Error(`the plan names no zone ${zone}`);
    return found;
  };
  const parts = { zones: placement.zones, members: mostMembers, voters: etcd.voters };
  const all = standing(parts);
  const homes = spread(parts);
  const listen = (host: string, port: number) => ({ host, port });

  function memberSite(index: number): MemberSite {
    const zone = zoneWith("members", all, index);
    return serverSite(`${name}-${index}-${zone}`, zone, memberAddressIn(inZone(zone), index));
  }

  function replicaSite(zone: AwsZonePlan, place: number): ReplicaSite {
    const known = `${placeName(name, place)}-${zone.zone}`;
    return { ...serverSite(known, zone.zone, replicaAddressIn(zone, place)), place };
  }

  function serverSite(part: string, zone: string, address: string): MemberSite {
    const [rest, postgres] = [listen(address, ports.rest), listen(address, ports.postgres)];
    return { name: part, zone, address, rest, postgres };
  }

  function voterSite(index: number, zone: string): VoterSite {
    const address = voterAddressIn(inZone(zone), index);
    const elsewhere = network.zones.filter((other) => other.zone !== zone);
    return {
      name: `${name}-etcd-${index}-${zone}`,
      ...{ zone, address },
      client: listen(address, ports.client),
      peer: listen(address, ports.peer),
      instead: elsewhere.map((other) => listen(voterAddressIn(other, index), ports.peer)),
    };
  }

  return {
    shares: all.map((share) => ({
      ...share,
      members: share.members.filter((index) => index <= spec.members),
    })),
    members: upTo(mostMembers).map(memberSite),
    replicas: network.zones
      .filter((zone) => zone.serves && all.some((share) => share.zone === zone.zone))
      .flatMap((zone) => upTo(replicaPlaces).map((place) => replicaSite(zone, place))),
    voters: upTo(etcd.voters).map((index) => voterSite(index, zoneWith("voters", all, index))),
    etcd: upTo(etcd.voters).map((index) => voterSite(index, zoneWith("voters", homes, index)).client),
    // A load balancer stands in front of the members, which no machine of ours is.
    proxies: [],
    proxyAddresses: [],
    endpoint: [endpointName(name, spec.aws?.dns)],
    virtual: false,
    s3: { name: `${name}-s3`, zone: "", address: "", listen: listen("", 0), stands: false },
    admission: {
      members: network.zones.filter(({ serves }) => serves).flatMap(serverNetworksIn),
      // A pool stands beside a member.
      proxies: network.zones.filter(({ serves }) => serves).flatMap(memberNetworksIn),
      // By the load balancer's addresses, which nobody knows before.
      others: "all",
      // So do clusters that follow: those addresses are in the load balancer's subnets.
      followers: network.zones.filter(({ serves }) => serves).map(({ outer }) => outer.cidr),
    },
  };
}
