import type { ClusterHandle, HandleReplica } from "../handle.ts";
import { isAlive, isReplica, leaderOf } from "../patroni/find-cluster.ts";
import type { ClusterMember, ClusterView, PatroniClient } from "../patroni/patroni-client.ts";
import { type Asked, ask, known } from "./ask.ts";

type OwnStatus = Awaited<ReturnType<PatroniClient["member"]>>;

/** What each declared read replica says of itself, by its name. */
export type ReplicasSeen = ReadonlyMap<string, Asked<OwnStatus>>;

/** A read replica for the report. It is no member, and nothing of what is said of members counts it. */
export interface ReplicaReport {
  readonly name: string;
  /** Where its PostgreSQL is. */
  readonly address: string | null;
  /** False: it is in the cluster, but is not to be. */
  readonly declared: boolean;
  /** Patroni's word; null when the cluster does not know it. */
  readonly state: string | null;
  readonly timeline: number | null;
  /** Bytes of WAL that the leader has written and it has not replayed; null when nobody knows. */
  readonly lagBytes: number | null;
  /** Whom it follows by its declaration; null: the leader, or nobody knows. */
  readonly upstream: string | null;
  /** How long after its commit a change shows up there by its declaration, seconds; null: at once. */
  readonly applyDelaySeconds: number | null;
  readonly zone: string | null;
  /** Whether its Patroni answers. */
  readonly answers: boolean;
  /** Why it does not. */
  readonly reason: string | null;
}

export async function observeReplicas(
  { replicas, patroni }: Pick<ClusterHandle, "replicas" | "patroni">,
  askMs?: number,
): Promise<ReplicasSeen> {
  const asked = replicas.map(async ({ name, restUrl }): Promise<[string, Asked<OwnStatus>]> => {
    return [name, await ask(() => patroni.member(restUrl), askMs)];
  });
  return new Map(await Promise.all(asked));
}

/** Where the leader's log is, as it says itself; undefined when it does not. */
export type LeaderPosition = number | undefined;

/** Declared ones in their order, then those that are only in the cluster. */
export function replicaReports(
  handle: Pick<ClusterHandle, "replicas">,
  view: ClusterView | undefined,
  own: ReplicasSeen,
  written: LeaderPosition,
): readonly ReplicaReport[] {
  const inCluster = (view?.members ?? []).filter(isReplica);
  const planned = new Map(handle.replicas.map((replica) => [replica.name, replica]));
  const names = [...new Set([...planned.keys(), ...inCluster.map(({ name }) => name)])];
  return names.map((name) => {
    const member = inCluster.find((one) => one.name === name);
    const asked = own.get(name);
    const status = asked === undefined ? undefined : known(asked);
    return {
      name,
      ...placeOf(planned.get(name), member),
      declared: planned.has(name),
      state: stateOf(member, status),
      timeline: status?.timeline ?? member?.timeline ?? null,
      lagBytes: lagOf(member, status, written),
      answers: status !== undefined,
      reason: asked !== undefined && "unknown" in asked ? asked.unknown : null,
    };
  });
}

function placeOf(planned: HandleReplica | undefined, member: ClusterMember | undefined) {
  const upstream = planned?.upstream ?? member?.tags?.["replicatefrom"];
  return {
    address: planned?.address ?? member?.host ?? null,
    zone: planned?.zone ?? null,
    upstream: typeof upstream === "string" ? upstream : null,
    applyDelaySeconds: planned?.applyDelaySeconds ?? null,
  };
}

/** What it says itself is of now; what the DCS holds of it may be as old as `loop_wait`. */
function stateOf(member: ClusterMember | undefined, status: OwnStatus | undefined): string | null {
  if (status === undefined || member === undefined) return member?.state ?? null;
  return status.state === "running" ? (status.replication_state ?? status.state) : status.state;
}

function lagOf(
  member: ClusterMember | undefined,
  status: OwnStatus | undefined,
  written: LeaderPosition,
): number | null {
  const replayed = status?.xlog?.replayed_location;
  if (typeof replayed === "number" && written !== undefined) return Math.max(0, written - replayed);
  return typeof member?.lag === "number" ? member.lag : null;
}

/** Of what the leader says of itself. */
export function positionOf(
  view: ClusterView | undefined,
  own: ReadonlyMap<string, Asked<OwnStatus>>,
): LeaderPosition {
  const leader = view === undefined ? undefined : leaderOf(view);
  const asked = leader === undefined ? undefined : own.get(leader.name);
  return asked === undefined ? undefined : known(asked)?.xlog?.location;
}

/** What is not as it should be of read replicas. None of it is a word about the members. */
export function replicaDegradations(replicas: readonly ReplicaReport[]): readonly string[] {
  return replicas.flatMap((replica) => {
    const { name, state, declared, answers, reason, applyDelaySeconds } = replica;
    if (!declared) return [`read replica ${name} is not declared any more and still there`];
    const silent = answers || reason === null ? [] : [`read replica ${name} does not answer: ${reason}`];
    if (state === null) return silent.length > 0 ? silent : [`read replica ${name} is not in the cluster`];
    // With WAL that it may not replay yet, one with a delay does not ask for more.
    const good = applyDelaySeconds === null ? state === "streaming" : isAlive({ name, role: "", state });
    return [...silent, ...(good ? [] : [`read replica ${name} is ${state}`])];
  });
}
