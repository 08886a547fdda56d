import { s3Endpoint } from "./aws/names.ts";
import { planAws } from "./aws/plan-aws.ts";
import {
  memberCertificate,
  operatorCertificate,
  proxyCertificate,
  s3Certificate,
  voterCertificate,
} from "./certificates.ts";
import { planMarker } from "./leases/marker.ts";
import { memberProcesses, proxyLimits, s3Limits, voterLimits } from "./limits.ts";
import {
  eligibleMembers,
  type MemberSite,
  type ProxySite,
  type Sites,
  sitesOf,
  type VoterSite,
} from "./placement/sites.ts";
import { standingMode } from "./placement/standing.ts";
import { survives } from "./placement/survives.ts";
import type {
  ArchivePlan,
  ClusterPlan,
  EndpointPlan,
  MemberPlan,
  PlacementPlan,
  ProxyPlan,
  VoterPlan,
  ZonePlan,
} from "./plan-types.ts";
import { planReplicas, replicaServers } from "./replicas/plan-replicas.ts";
import { planOrigin } from "./restore/origin.ts";
import { planStandby } from "./restore/standby.ts";
import { planLogins } from "./rotation/logins.ts";
import type { ClusterSpec } from "./schema/cluster-spec.ts";
import { memoryMib } from "./schema/quantity.ts";
import { planRecovery } from "./settings/recovery.ts";
import { dynamicSettings, localParameters } from "./settings/settings.ts";
import { planMaintenance } from "./upkeep/maintenance.ts";

/**
 * Decides every part of a cluster: names, addresses, ports, volumes, settings.
 *
 * The same specification gives the same plan, always and everywhere.
 *
 * @param spec a specification that `parseSpec` has returned.
 */
export function planCluster(spec: ClusterSpec): ClusterPlan {
  const aws = spec.platform === "aws" ? planAws(spec) : undefined;
  const sites = aws?.sites ?? sitesOf(spec);
  return {
    cluster: spec.name,
    postgresqlVersion: spec.postgresql.version,
    zones: spec.placement.zones.map(planZone).map(aws?.zone ?? ((zone) => zone)),
    ...(aws === undefined ? {} : { aws: aws.plan }),
    placement: planPlacement(spec, sites),
    ...(sites.network === undefined ? {} : { network: sites.network }),
    admission: sites.admission,
    etcd: sites.etcd,
    voters: sites.voters.map((site) => planVoter(spec, site)),
    members: planMembers(spec, sites),
    replicas: planReplicas(spec, sites),
    proxies: sites.proxies.map((site) => planProxy(spec, site, sites)),
    endpoint: planEndpoint(spec, sites),
    archive: planArchive(spec, sites),
    ...planOrigin(spec),
    ...planStandby(spec),
    tls: { ...spec.tls, generation: spec.rotation.authority },
    application: spec.application,
    logins: planLogins(spec),
    operator: { certificate: operatorCertificate(spec) },
    settings: dynamicSettings(spec),
    localParameters: localParameters(spec),
    recovery: planRecovery(spec),
    maintenance: planMaintenance(spec),
    teardown: { protected: spec.deletionProtection, finalBackup: spec.finalBackup },
    ...planMarker(spec),
    ...(spec.resources.volume === undefined ? {} : { volumeMib: memoryMib(spec.resources.volume) }),
    survives: survives(spec, sites.shares),
  };
}

function planZone({ name, host, certificates, address, available, witness }: DeclaredZone): ZonePlan {
  return {
    ...{ name, host, available, witness },
    ...(certificates === undefined ? {} : { certificates }),
    ...(address === undefined ? {} : { address }),
  };
}

function planPlacement({ placement }: ClusterSpec, { shares }: Sites): PlacementPlan {
  const { mode, primaryZone, fallbackToSameZone } = placement;
  const wish = primaryZone === undefined ? {} : { primaryZone };
  return { mode, standing: standingMode(shares), fallbackToSameZone, ...wish };
}

function planVoter(spec: ClusterSpec, site: VoterSite): VoterPlan {
  return {
    ...site,
    image: spec.etcd.image,
    certificate: voterCertificate(site),
    ...voterLimits,
    volume: volumeOf(site.name),
    retained: false,
  };
}

function planMembers(spec: ClusterSpec, sites: Sites): readonly MemberPlan[] {
  const eligible = eligibleMembers(sites);
  return sites.members.slice(0, spec.members).map((site, place) => ({
    ...planMember(spec, site, sites),
    index: place + 1,
    synchronous: eligible.includes(place + 1),
  }));
}

function planMember(
  spec: ClusterSpec,
  site: MemberSite,
  sites: Sites,
): Omit<MemberPlan, "index" | "synchronous"> {
  const { memory, cpus, shm } = spec.resources;
  return {
    ...site,
    image: spec.image,
    certificate: memberCertificate(spec, site, sites),
    memoryMib: memoryMib(memory),
    processes: memberProcesses(spec),
    volume: volumeOf(site.name),
    retained: spec.deletionProtection,
    ...(cpus === undefined ? {} : { cpus }),
    shmMib: memoryMib(shm),
    ...planPooler(spec, site),
  };
}

/** Where no proxy of ours stands before the members. */
function planPooler({ platform, endpoint }: ClusterSpec, { name }: MemberSite): Pick<MemberPlan, "pooler"> {
  if (platform !== "aws" || !endpoint.pooled) return {};
  return {
    pooler: { name: `${name}-pooler`, image: endpoint.image, ...proxyLimits, port: endpoint.ports.pooled },
  };
}

function planProxy(spec: ClusterSpec, site: ProxySite, sites: Sites): ProxyPlan {
  const { members, endpoint, virtual } = sites;
  return {
    ...site,
    image: spec.endpoint.image,
    certificate: proxyCertificate(spec, site, virtual ? endpoint : []),
    ...proxyLimits,
    servers: members.map((member) => ({
      name: member.name,
      zone: member.zone,
      postgres: member.postgres,
      rest: member.rest,
    })),
    replicaServers: replicaServers(spec, sites),
  };
}

function planEndpoint({ endpoint, replicas }: ClusterSpec, sites: Sites): EndpointPlan {
  const { ports, pooled, standbys } = endpoint;
  return {
    address: sites.endpoint[0] ?? "",
    ...(sites.virtual ? {} : { hosts: sites.endpoint }),
    readWritePort: ports.readWrite,
    readOnlyPort: ports.readOnly,
    ...(replicas.length === 0 ? {} : { replicasPort: ports.replicas }),
    ...(pooled ? { pooledPort: ports.pooled } : {}),
    ...(standbys ? { standbys } : {}),
  };
}

function planArchive(spec: ClusterSpec, { s3 }: Sites): ArchivePlan {
  const { bucket, region, endpoint, ca, retainDays, schedule, image } = spec.backup;
  const kept = { bucket, region, retainDays, schedule, ...planSecond(spec) };
  // The machines are let in by what they are: there is no key.
  if (spec.platform === "aws") return { ...kept, endpoint: s3Endpoint(region), own: false };
  if (endpoint !== undefined) {
    const url = endpoint.replace(/\/$/, "");
    return { ...kept, endpoint: url, own: false, ...(ca === undefined ? {} : { ca }) };
  }
  const own = { ...kept, endpoint: `https://${s3.listen.host}:${s3.listen.port}`, own: true };
  if (!s3.stands) return own;
  const { name, zone, address, listen } = s3;
  const part = { name, zone, address, image, certificate: s3Certificate(s3), ...s3Limits };
  // With it the last backup would go.
  return { ...own, server: { ...part, volume: volumeOf(name), retained: spec.finalBackup, listen } };
}

function planSecond({ backup: { second } }: ClusterSpec): Pick<ArchivePlan, "second"> {
  // Without an endpoint the specification has been refused.
  if (second?.endpoint === undefined) return {};
  return { second: { ...second, endpoint: second.endpoint.replace(/\/$/, "") } };
}

type DeclaredZone = ClusterSpec["placement"]["zones"][number];

function volumeOf(part: string): string {
  return `${part}-data`;
}
