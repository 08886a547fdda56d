import { replicaCertificate } from "../certificates.ts";
import { memberProcesses } from "../limits.ts";
import type { ReplicaPlan, ReplicaServerPlan } from "../part-types.ts";
import { placeName } from "../placement/replica-places.ts";
import type { ReplicaSite, Sites } from "../placement/sites.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { durationSeconds, memoryMib } from "../schema/quantity.ts";
import { localParametersWith } from "../settings/settings.ts";

type Replica = ClusterSpec["replicas"][number];

/** A read replica, and where it stands under its own name. */
export interface StandingReplica {
  readonly replica: Replica;
  readonly site: ReplicaSite;
}

/** The read replicas whose zone can be had. They stand where they were put: nobody takes their place elsewhere. */
export function standingReplicas(spec: ClusterSpec, sites: Sites): readonly StandingReplica[] {
  return spec.replicas.flatMap((replica) => {
    const held = sites.replicas.find(({ zone, place }) => zone === replica.zone && place === replica.place);
    return held === undefined ? [] : [{ replica, site: { ...held, name: partName(spec, replica) } }];
  });
}

export function planReplicas(spec: ClusterSpec, sites: Sites): readonly ReplicaPlan[] {
  return standingReplicas(spec, sites).map((standing) => planReplica(spec, standing, sites));
}

/** A late one is never led to, not even when nobody else is there. */
export function takesReaders({ replica: { applyDelay } }: StandingReplica): boolean {
  return applyDelay === undefined;
}

/** What proxies look at: all places, so that a replica that comes or goes replaces none of them. */
export function replicaServers(spec: ClusterSpec, sites: Sites): readonly ReplicaServerPlan[] {
  if (spec.replicas.length === 0) return [];
  return sites.replicas.map(({ name, zone, rest, postgres, place }) => {
    return { name, zone, rest, postgres, placeName: placeName(spec.name, place) };
  });
}

function planReplica(
  spec: ClusterSpec,
  { replica, site: { place, ...site } }: StandingReplica,
  sites: Sites,
): ReplicaPlan {
  const { upstream, applyDelay, memory, cpus } = replica;
  return {
    ...site,
    replica: replica.name,
    image: spec.image,
    certificate: replicaCertificate(spec, site, placeName(spec.name, place), sites),
    memoryMib: memoryMib(memory),
    processes: memberProcesses(spec),
    volume: `${site.name}-data`,
    // What is on it is on the members as well.
    retained: false,
    ...(cpus === undefined ? {} : { cpus }),
    shmMib: memoryMib(spec.resources.shm),
    localParameters: localParametersWith(spec, memory),
    ...(upstream === undefined ? {} : { upstream: serverNamed(spec, sites, upstream) }),
    ...(applyDelay === undefined ? {} : { applyDelaySeconds: durationSeconds(applyDelay) }),
  };
}

function partName(spec: ClusterSpec, replica: Pick<Replica, "name" | "zone">): string {
  return `${spec.name}-replica-${replica.name}${zoneEnding(spec, replica.zone)}`;
}

/** What a part's name ends in: on one engine, all stand in the one zone. */
export function zoneEnding({ platform, placement }: ClusterSpec, zone: string): string {
  return platform === "docker" && placement.mode === "zonal" ? "" : `-${zone}`;
}

/** By what Patroni knows it: a replica's part, or the member of that number, wherever it stands. */
function serverNamed(spec: ClusterSpec, sites: Sites, upstream: string): string {
  const replica = spec.replicas.find(({ name }) => name === upstream);
  if (replica !== undefined) return partName(spec, replica);
  const index = Number(upstream.slice(`${spec.name}-`.length));
  return sites.members[index - 1]?.name ?? upstream;
}
