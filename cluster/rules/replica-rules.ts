import { replicaPlaces } from "../placement/replica-places.ts";
import { zoneEnding } from "../replicas/plan-replicas.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

type Replica = ClusterSpec["replicas"][number];

/** Read replicas against each other, and against the members and zones that there are. */
export const replicaRules: readonly Rule[] = [
  { reads: ["replicas"], check: namesDiffer },
  { reads: ["replicas", "name", "placement"], check: hostNamesFit },
  { reads: ["replicas"], check: placesDiffer },
  { reads: ["replicas", "placement"], check: zonesHoldData },
  { reads: ["replicas", "name", "members"], check: upstreamsAreThere },
  { reads: ["replicas"], check: upstreamsReceive },
  { reads: ["replicas"], check: upstreamsEndAtLeader },
];

function issueOf(
  index: number,
  key: keyof Replica,
  { value, message, remedy }: { value: string | number; message: string; remedy: string },
): SpecIssue {
  return { path: `replicas[${index}].${key}`, value, message, remedy };
}

function namesDiffer({ replicas }: ClusterSpec): readonly SpecIssue[] {
  return replicas.flatMap(({ name }, index) => {
    const first = replicas.findIndex((other) => other.name === name);
    if (first === index) return [];
    const message = `is that of replicas[${first}] as well`;
    return [issueOf(index, "name", { value: name, message, remedy: "Give each replica its own." })];
  });
}

/** A host name has 63 characters at most; PostgreSQL's slots, which are called after it, have as many. */
function hostNamesFit(spec: ClusterSpec): readonly SpecIssue[] {
  const { name: cluster, replicas } = spec;
  return replicas.flatMap(({ name, zone }, index) => {
    const ending = zoneEnding(spec, zone);
    const most = 63 - `${cluster}-replica-${ending}`.length;
    if (name.length <= most) return [];
    const message = `has ${name.length} characters: with the names of cluster and zone, its host name would be longer than 63`;
    const remedy = most < 1 ? "Choose a shorter name for the zone." : `Choose one of ${most} at most.`;
    return [issueOf(index, "name", { value: name, message, remedy })];
  });
}

/** Two in one place would have one address. Neither may move by itself: the other one's going would move it back. */
function placesDiffer({ replicas }: ClusterSpec): readonly SpecIssue[] {
  const all = Array.from({ length: replicaPlaces }, (_, offset) => offset + 1);
  const free = all.find((candidate) => replicas.every(({ place }) => place !== candidate));
  return replicas.flatMap(({ name, place }, index) => {
    const first = replicas.findIndex((other) => other.place === place);
    const other = replicas[first];
    // Of one name, they have been told of already.
    if (first === index || other === undefined || other.name === name) return [];
    const message = `${name} and ${other.name} would have the same address`;
    return [issueOf(index, "place", { value: place, message, remedy: `Set it to ${free}, which is free.` })];
  });
}

function zonesHoldData({ replicas, placement: { zones } }: ClusterSpec): readonly SpecIssue[] {
  const data = zones.filter(({ witness }) => !witness).map(({ name }) => name);
  return replicas.flatMap(({ zone }, index) => {
    if (data.includes(zone) || data.length === 0) return [];
    const declared = zones.some(({ name }) => name === zone);
    const message = declared ? "is a witness: no data stands there" : "is none of placement.zones";
    const remedy = `Set it to ${data.join(" or ")}, or remove it.`;
    return [issueOf(index, "zone", { value: zone, message, remedy })];
  });
}

function upstreamsAreThere({ name: cluster, members, replicas }: ClusterSpec): readonly SpecIssue[] {
  const servers = Array.from({ length: members }, (_, offset) => `${cluster}-${offset + 1}`);
  return replicas.flatMap(({ name, upstream }, index) => {
    const others = replicas.filter((other) => other.name !== name).map((other) => other.name);
    if (upstream === undefined || servers.includes(upstream) || others.includes(upstream)) return [];
    const message = upstream === name ? "is the replica itself" : "is no other replica, and no member";
    const remedy = `Set it to one of ${[...others, ...servers].join(", ")}, or remove it for the leader.`;
    return [issueOf(index, "upstream", { value: upstream, message, remedy })];
  });
}

/**
 * A server that replays late does not ask for more WAL before it has replayed what it has. After a failover it receives
 * nothing for as long as its delay, and whoever follows it neither.
 */
function upstreamsReceive({ replicas }: ClusterSpec): readonly SpecIssue[] {
  return replicas.flatMap(({ upstream }, index) => {
    const followed = replicas.find(({ name }) => name === upstream);
    if (upstream === undefined || followed?.applyDelay === undefined) return [];
    const message = `has an applyDelay of ${followed.applyDelay}: after a failover it receives nothing for so long, and passes nothing on`;
    const remedy = "Have it follow another one, or remove it for the leader.";
    return [issueOf(index, "upstream", { value: upstream, message, remedy })];
  });
}

function upstreamsEndAtLeader({ replicas }: ClusterSpec): readonly SpecIssue[] {
  return replicas.flatMap(({ name, upstream }, index) => {
    const circle = circleFrom(name, replicas);
    // Told once, of the first of them; what follows itself is told of as that.
    if (upstream === undefined || circle.length < 2 || circle.some((one) => comesBefore(one, name, replicas)))
      return [];
    const message = `goes round: ${[...circle, name].join(" follows ")}, and none of them the leader`;
    return [issueOf(index, "upstream", { value: upstream, message, remedy: "Remove it at one of them." })];
  });
}

/** The replicas that one comes back to itself by; none when it does not. */
function circleFrom(name: string, replicas: readonly Replica[]): readonly string[] {
  const passed: string[] = [];
  let current: string | undefined = name;
  while (current !== undefined && !passed.includes(current)) {
    passed.push(current);
    const here: string = current;
    current = replicas.find((one) => one.name === here)?.upstream;
  }
  return current === name ? passed : [];
}

function comesBefore(one: string, other: string, replicas: readonly Replica[]): boolean {
  const names = replicas.map(({ name }) => name);
  return names.indexOf(one) < names.indexOf(other);
}
