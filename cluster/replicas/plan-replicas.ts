import { replicaCertificate } from "../certificates.ts";
import { memberProcesses } from "../limits.ts";
import type { ReplicaPlan, ReplicaServerPlan } from "../part-types.ts";
import { placeName } from "../placement/replica-places.ts";
import type { Sites } from "../placement/sites.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { durationSeconds, memoryMib } from "../schema/quantity.ts";
import { localParametersWith } from "../settings/settings.ts";

type Replica = ClusterSpec["replicas"][number];

/** The read replicas whose zone can be had. They stand where they were put: nobody takes their place elsewhere. */
export function planReplicas(spec: ClusterSpec, sites: Sites): readonly ReplicaPlan[] {
  return spec.replicas.flatMap((replica) => {
    const site = sites.replicas.find(({ zone, place }) => zone === replica.zone && place === replica.place);
    return site === undefined ? [] : [planReplica(spec, replica, site, sites)];
  });
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
  replica: Replica,
  { place, ...held }: Sites["replicas"][number],
  sites: Sites,
): ReplicaPlan {
  const { upstream, applyDelay, memory, cpus } = replica;
  const site = { ...held, name: partName(spec, replica) };
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

function partName({ name, placement }: ClusterSpec, replica: Pick<Replica, "name" | "zone">): string {
  const zone = placement.mode === "zonal" ? "" : `-${replica.zone}`;
  return `${name}-replica-${replica.name}${zone}`;
}

/** By what Patroni knows it: a replica's part, or the member of that number, wherever it stands. */
function serverNamed(spec: ClusterSpec, sites: Sites, upstream: string): string {
  const replica = spec.replicas.find(({ name }) => name === upstream);
  if (replica !== undefined) return partName(spec, replica);
  const index = Number(upstream.slice(`${spec.name}-`.length));
  return sites.members[index - 1]?.name ?? upstream;
}
