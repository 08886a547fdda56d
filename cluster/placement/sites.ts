import type { Address, AdmissionPlan, NetworkPlan, VrrpPlan } from "../plan-types.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { stableHash } from "../stable-hash.ts";
import {
  dynamicRangeOf,
  gatewayAddress,
  memberAddress,
  memberNetworks,
  mostMembers,
  proxyAddress,
  proxyCount,
  replicaAddress,
  routerIdOf,
  s3Address,
  voterAddress,
} from "./addresses.ts";
import { spread, synchronousMembers, type ZoneShare } from "./placement.ts";
import { memberPorts, replicaPorts, s3Port, voterPorts } from "./ports.ts";
import { placeName, replicaPlaces } from "./replica-places.ts";
import { standing } from "./standing.ts";

/** Where a part is: what it is called, which zone it stands in, and its address. */
export interface Site {
  readonly name: string;
  readonly zone: string;
  readonly address: string;
}

export interface MemberSite extends Site {
  readonly rest: Address;
  readonly postgres: Address;
  /** Of the image's page on activity; absent: the usual one, on a network of its own. */
  readonly activityPort?: number;
}

/** Where a read replica would be that has this place in this zone. */
export interface ReplicaSite extends MemberSite {
  readonly place: number;
}

export interface VoterSite extends Site {
  readonly client: Address;
  readonly peer: Address;
  /** Where the voter of this index would answer the others in another zone. */
  readonly instead: readonly Address[];
}

export interface ProxySite extends Site {
  /** Absent: no address moves between the proxies. */
  readonly vrrp?: VrrpPlan;
}

/** Where every part of a cluster stands. Indexes are 1-based. */
export interface Sites {
  /** What stands in each zone that can be had. */
  readonly shares: readonly ZoneShare[];
  /** Absent: parts use the networks of their hosts. */
  readonly network?: NetworkPlan;
  /** Each member that the cluster may ever have, in order. */
  readonly members: readonly MemberSite[];
  /** Each address that a read replica may have, in the zones that can be had. */
  readonly replicas: readonly ReplicaSite[];
  readonly voters: readonly VoterSite[];
  /** Where members look for etcd first; the same wherever a voter stands for the time being. */
  readonly etcd: readonly Address[];
  readonly proxies: readonly ProxySite[];
  /** Addresses of all proxies that there are, and of those whose zone cannot be had for the time being. */
  readonly proxyAddresses: readonly string[];
  /** Where clients go: one after the other until one serves. */
  readonly endpoint: readonly string[];
  /** Whether `endpoint` is one address that moves. */
  readonly virtual: boolean;
  /** The stack's own S3 server, which is not there while its zone cannot be had. */
  readonly s3: Site & { readonly listen: Address; readonly stands: boolean };
  readonly admission: AdmissionPlan;
}

export function sitesOf(spec: ClusterSpec): Sites {
  return spec.placement.mode === "zonal" ? inOneNetwork(spec) : overZones(spec);
}

/** One engine, with a network of the cluster's own in which every part has an address. */
function inOneNetwork(spec: ClusterSpec): Sites {
  const { name, network, endpoint, placement } = spec;
  const { subnet } = network;
  const zone = placement.zones[0]?.name ?? "";
  const proxies = upTo(proxyCount).map((index) => proxyAddress(subnet, index));
  const voters = upTo(spec.etcd.voters).map((index): VoterSite => {
    const address = voterAddress(subnet, index);
    const client = { host: address, port: 2379 };
    const peer = { host: address, port: 2380 };
    return { name: `${name}-etcd-${index}`, zone, address, client, peer, instead: [] };
  });
  const s3 = { name: `${name}-s3`, zone, address: s3Address(subnet) };
  const vip = endpoint.vip ?? "";
  return {
    shares: [{ zone, members: upTo(spec.members), voters: upTo(spec.etcd.voters) }],
    network: { name, subnet, gateway: gatewayAddress(subnet), dynamicRange: dynamicRangeOf(subnet) },
    members: upTo(mostMembers).map((index) => {
      return { name: `${name}-${index}`, zone, ...onUsualPorts(memberAddress(subnet, index)) };
    }),
    replicas: upTo(replicaPlaces).map((place) => {
      return { name: placeName(name, place), zone, place, ...onUsualPorts(replicaAddress(subnet, place)) };
    }),
    voters,
    etcd: voters.map(({ client }) => client),
    proxies: proxies.map((address, place) => {
      const vrrp = vrrpOf(routerIdOf(subnet), place, proxies);
      return { name: `${name}-proxy-${place + 1}`, zone, address, vrrp };
    }),
    proxyAddresses: proxies,
    endpoint: [vip],
    virtual: true,
    s3: { ...s3, listen: { host: s3.address, port: 9000 }, stands: true },
    admission: { members: memberNetworks(subnet), proxies: proxies.map(single), others: subnet },
  };
}

type Listening = Pick<MemberSite, "address" | "rest" | "postgres" | "activityPort">;

/** A server with an address of its own. */
function onUsualPorts(address: string): Listening {
  return { address, rest: { host: address, port: 8008 }, postgres: { host: address, port: 5432 } };
}

/** A server that shares its host's address. */
function onHost(address: string, { rest, postgres, activity }: ReturnType<typeof memberPorts>): Listening {
  const listen = (port: number): Address => ({ host: address, port });
  return { address, rest: listen(rest), postgres: listen(postgres), activityPort: activity };
}

/**
 * Parts on the networks of their zones' hosts, with planned ports. A part has its zone in its name: in another zone it is
 * another part, which is there before the former one goes.
 */
function overZones(spec: ClusterSpec): Sites {
  const { name, endpoint, placement, network } = spec;
  const { zones } = placement;
  const addressOf = new Map(zones.map((zone) => [zone.name, zone.address ?? ""]));
  const at = (zone: string) => addressOf.get(zone) ?? "";
  const parts = { zones, members: mostMembers, voters: spec.etcd.voters };
  const all = standing(parts);
  const voters = upTo(spec.etcd.voters).map((index) => voterSite(index, zoneWith("voters", all, index)));
  const homes = spread(parts);
  const data = zones.filter(({ witness }) => !witness);
  const addresses = data.map((zone) => at(zone.name));
  const shares = all.map((share) => ({
    ...share,
    members: share.members.filter((index) => index <= spec.members),
  }));

  function memberSite(index: number): MemberSite {
    const zone = zoneWith("members", all, index);
    const ports = memberPorts(network.firstPort, index);
    return { name: `${name}-${index}-${zone}`, zone, ...onHost(at(zone), ports) };
  }

  function replicaSite(zone: string, place: number): ReplicaSite {
    const ports = replicaPorts(network.firstPort, place);
    return { name: `${placeName(name, place)}-${zone}`, zone, place, ...onHost(at(zone), ports) };
  }

  function voterSite(index: number, zone: string): VoterSite {
    const ports = voterPorts(network.firstPort, index);
    const address = at(zone);
    const elsewhere = zones.filter((other) => other.name !== zone);
    return {
      name: `${name}-etcd-${index}-${zone}`,
      ...{ zone, address },
      client: { host: address, port: ports.client },
      peer: { host: address, port: ports.peer },
      instead: elsewhere.map((other) => ({ host: at(other.name), port: ports.peer })),
    };
  }

  const [home] = data;
  // Numbered by all zones that hold data: one that cannot be had changes nothing of the others.
  const proxies = data.flatMap((zone, place): readonly ProxySite[] => {
    if (!zone.available) return [];
    const site = { name: `${name}-proxy-${place + 1}-${zone.name}`, zone: zone.name, address: at(zone.name) };
    return endpoint.vip === undefined
      ? [site]
      : [{ ...site, vrrp: vrrpOf(1 + (stableHash(name) % 255), place, addresses) }];
  });
  const listen = { host: at(home?.name ?? ""), port: s3Port(network.firstPort) };
  return {
    shares,
    members: upTo(mostMembers).map(memberSite),
    replicas: data
      .filter(({ available }) => available)
      .flatMap((zone) => upTo(replicaPlaces).map((place) => replicaSite(zone.name, place))),
    voters,
    etcd: upTo(spec.etcd.voters).map((index) => voterSite(index, zoneWith("voters", homes, index)).client),
    proxies,
    proxyAddresses: addresses,
    endpoint: endpoint.vip === undefined ? proxies.map(({ address }) => address) : [endpoint.vip],
    virtual: endpoint.vip !== undefined,
    s3: {
      name: `${name}-s3`,
      ...{ zone: home?.name ?? "", address: listen.host, listen, stands: home?.available ?? false },
    },
    // Clients come from wherever the hosts are reached: a proxy on the same host would let them in all the same.
    admission: { members: addresses.map(single), proxies: addresses.map(single), others: "all" },
  };
}

/** The members that may have synchronous commits: see `synchronousMembers`. */
export function eligibleMembers({ shares }: Pick<Sites, "shares">): readonly number[] {
  return synchronousMembers(shares);
}

/** The zone that the part of this index stands in. */
export function zoneWith(kind: "members" | "voters", shares: readonly ZoneShare[], index: number): string {
  return shares.find((share) => share[kind].includes(index))?.zone ?? "";
}

/** The first has the highest priority: high ones, as VRRP adds up to a second to its wait for low ones. */
function vrrpOf(routerId: number, place: number, addresses: readonly string[]): VrrpPlan {
  return { routerId, priority: 250 - place, peers: addresses.filter((_, other) => other !== place) };
}

function single(address: string): string {
  return `${address}/32`;
}

/** 1, 2, … count. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, offset) => offset + 1);
}
