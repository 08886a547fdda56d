import {
  memberCertificate,
  operatorCertificate,
  proxyCertificate,
  s3Certificate,
  voterCertificate,
} from "./certificates.ts";
import { memberProcesses, proxyLimits, s3Limits, voterLimits } from "./limits.ts";
import {
  dynamicRangeOf,
  gatewayAddress,
  memberAddress,
  mostMembers,
  proxyAddress,
  proxyCount,
  routerIdOf,
  s3Address,
  voterAddress,
} from "./placement/addresses.ts";
import { survives } from "./placement/survives.ts";
import type {
  Address,
  ArchivePlan,
  ClusterPlan,
  EndpointPlan,
  MemberPlan,
  NetworkPlan,
  ProxyPlan,
  VoterPlan,
} from "./plan-types.ts";
import { planLogins } from "./rotation/logins.ts";
import type { ClusterSpec } from "./schema/cluster-spec.ts";
import { memoryMib } from "./schema/quantity.ts";
import { planRecovery } from "./settings/recovery.ts";
import { dynamicSettings, localParameters } from "./settings/settings.ts";
import { planMaintenance } from "./upkeep/maintenance.ts";

const restPort = 8008;
const postgresPort = 5432;
const etcdClientPort = 2379;
const etcdPeerPort = 2380;
const s3Port = 9000;

/**
 * Decides every part of a cluster: names, addresses, ports, volumes, settings.
 *
 * The same specification gives the same plan, always and everywhere.
 *
 * @param spec a specification that `parseSpec` has returned.
 */
export function planCluster(spec: ClusterSpec): ClusterPlan {
  return {
    cluster: spec.name,
    postgresqlVersion: spec.postgresql.version,
    zones: spec.placement.zones,
    network: planNetwork(spec),
    voters: upTo(spec.etcd.voters).map((index) => planVoter(spec, index)),
    members: upTo(spec.members).map((index) => planMember(spec, index)),
    proxies: upTo(proxyCount).map((index) => planProxy(spec, index)),
    endpoint: planEndpoint(spec),
    archive: planArchive(spec),
    tls: { ...spec.tls, generation: spec.rotation.authority },
    application: spec.application,
    logins: planLogins(spec),
    operator: { certificate: operatorCertificate(spec) },
    settings: dynamicSettings(spec),
    localParameters: localParameters(spec),
    recovery: planRecovery(spec),
    maintenance: planMaintenance(spec),
    ...(spec.resources.volume === undefined ? {} : { volumeMib: memoryMib(spec.resources.volume) }),
    survives: survives(spec),
  };
}

function planNetwork({ name, network: { subnet } }: ClusterSpec): NetworkPlan {
  return { name, subnet, gateway: gatewayAddress(subnet), dynamicRange: dynamicRangeOf(subnet) };
}

function planVoter(spec: ClusterSpec, index: number): VoterPlan {
  const name = `${spec.name}-etcd-${index}`;
  const address = voterAddress(spec.network.subnet, index);
  return {
    name,
    zone: zoneOf(spec),
    address,
    image: spec.etcd.image,
    certificate: voterCertificate(spec, name, index),
    ...voterLimits,
    volume: volumeOf(name),
    client: { host: address, port: etcdClientPort },
    peer: { host: address, port: etcdPeerPort },
  };
}

function planMember(spec: ClusterSpec, index: number): MemberPlan {
  const { name, address, rest, postgres } = memberPlace(spec, index);
  const { memory, cpus, shm } = spec.resources;
  return {
    name,
    index,
    zone: zoneOf(spec),
    address,
    image: spec.image,
    certificate: memberCertificate(spec, name, index),
    memoryMib: memoryMib(memory),
    processes: memberProcesses(spec),
    volume: volumeOf(name),
    rest,
    postgres,
    ...(cpus === undefined ? {} : { cpus }),
    shmMib: memoryMib(shm),
  };
}

function planProxy(spec: ClusterSpec, index: number): ProxyPlan {
  const { subnet } = spec.network;
  const others = upTo(proxyCount).filter((other) => other !== index);
  const name = `${spec.name}-proxy-${index}`;
  return {
    name,
    zone: zoneOf(spec),
    address: proxyAddress(subnet, index),
    image: spec.endpoint.image,
    certificate: proxyCertificate(spec, name, index),
    ...proxyLimits,
    vrrp: {
      routerId: routerIdOf(subnet),
      // High ones: VRRP adds up to a second to its wait for low ones.
      priority: 251 - index,
      peers: others.map((other) => proxyAddress(subnet, other)),
    },
    servers: upTo(mostMembers).map((index) => {
      const { name, postgres, rest } = memberPlace(spec, index);
      return { name, postgres, rest };
    }),
  };
}

function planEndpoint({ endpoint: { vip, ports, pooled } }: ClusterSpec): EndpointPlan {
  return {
    address: vip,
    readWritePort: ports.readWrite,
    readOnlyPort: ports.readOnly,
    ...(pooled ? { pooledPort: ports.pooled } : {}),
  };
}

function planArchive(spec: ClusterSpec): ArchivePlan {
  const { bucket, region, endpoint, ca, retainDays, schedule, image } = spec.backup;
  const kept = { bucket, region, retainDays, schedule };
  if (endpoint !== undefined) {
    return { ...kept, endpoint: endpoint.replace(/\/$/, ""), ...(ca === undefined ? {} : { ca }) };
  }
  const name = `${spec.name}-s3`;
  const address = s3Address(spec.network.subnet);
  const listen = { host: address, port: s3Port };
  const certificate = s3Certificate(spec, name);
  const part = { name, zone: zoneOf(spec), address, image, certificate, ...s3Limits };
  const server = { ...part, volume: volumeOf(name), listen };
  return { ...kept, endpoint: `https://${address}:${s3Port}`, server };
}

/** Where a member is or would be, whether it exists or not. */
function memberPlace(
  { name, network: { subnet } }: ClusterSpec,
  index: number,
): { name: string; address: string; rest: Address; postgres: Address } {
  const address = memberAddress(subnet, index);
  return {
    name: `${name}-${index}`,
    address,
    rest: { host: address, port: restPort },
    postgres: { host: address, port: postgresPort },
  };
}

function zoneOf({ placement: { zones } }: ClusterSpec): string {
  return zones[0].name;
}

function volumeOf(part: string): string {
  return `${part}-data`;
}

/** 1, 2, … count. */
function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, offset) => offset + 1);
}
