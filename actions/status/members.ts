import { type HaMember, type HaState, haStateOf } from "../../cluster/running/ha-state.ts";
import type { ClusterHandle } from "../handle.ts";
import { standingOf, wantedMembers } from "../patroni/cluster-standing.ts";
import { haMembersOf, isLeader, isNosync, leaderOf } from "../patroni/find-cluster.ts";
import type { ClusterMember, ClusterView, PatroniClient } from "../patroni/patroni-client.ts";
import { type Followed, followedBy } from "../standby/followed.ts";
import { type Asked, ask, known } from "./ask.ts";
import { observeReplicas, type ReplicasSeen } from "./replicas.ts";

type OwnStatus = Awaited<ReturnType<PatroniClient["member"]>>;

/** What Patroni says of the members: all of them of the cluster, and each of itself. */
export interface MembersSeen {
  readonly view: Asked<ClusterView>;
  readonly own: ReadonlyMap<string, Asked<OwnStatus>>;
  /** What read replicas say of themselves. */
  readonly replicas: ReplicasSeen;
  /** Names of the members that there are to be: by the update under way, else by the last one. */
  readonly declared: readonly string[];
  /** Whether `spiloctl stop` has stopped it. */
  readonly stopped: Asked<boolean>;
  /** What other cluster it follows; null: none. */
  readonly followed: Asked<Followed | null>;
  /** Undefined: no member answers. */
  readonly haState: HaState | undefined;
}

/** One look at the members. */
export async function observeMembers(handle: ClusterHandle, askMs?: number): Promise<MembersSeen> {
  const { members, patroni } = handle;
  const asked = members.map(async ({ name, restUrl }): Promise<[string, Asked<OwnStatus>]> => {
    return [name, await ask(() => patroni.member(restUrl), askMs)];
  });
  const [standing, own, replicas] = await Promise.all([
    ask(() => standingOf(patroni, members), askMs),
    Promise.all(asked).then((entries) => new Map(entries)),
    observeReplicas(handle, askMs),
  ]);
  const planned = members.map(({ name }) => name);
  if ("unknown" in standing) {
    const unknown = { view: standing, stopped: standing, followed: standing };
    return { ...unknown, own, replicas, declared: planned, haState: undefined };
  }
  const told = standing.known;
  const seen = asOfNow(told.view, own);
  const declared = wantedMembers(told.config) ?? planned;
  const haMembers = haMembersOf(seen).map((member) => haMember(member, own.get(member.name)));
  const followed = followedBy(told.config) ?? null;
  const synchronousStandbys = synchronousIn(handle, followed);
  const haState = haStateOf({ declared, synchronousStandbys, members: haMembers });
  const known = { view: { known: seen }, stopped: { known: told.stopped }, followed: { known: followed } };
  return { ...known, own, replicas, declared, haState };
}

/** How many standbys have to be synchronous: where another cluster is followed there are no commits to wait. */
export function synchronousIn(
  { synchronousStandbys }: Pick<ClusterHandle, "synchronousStandbys">,
  followed: Followed | null | undefined,
): number {
  return followed == null ? synchronousStandbys : 0;
}

/**
 * Who leads and who is synchronous is in the DCS the moment it is so. How a member is, it writes there when it next looks,
 * within `loop_wait`: right after the roles have changed, only the member itself knows that it streams.
 */
function asOfNow(view: ClusterView, own: MembersSeen["own"]): ClusterView {
  const members = view.members.map((member) => {
    const asked = own.get(member.name);
    const status = asked === undefined ? undefined : known(asked);
    if (status === undefined) return member;
    const { timeline = member.timeline, replication_state: replication } = status;
    const mayStream = status.state === "running" && !isLeader(member);
    const state = mayStream ? (replication ?? status.state) : status.state;
    return { ...member, state, ...(timeline === undefined ? {} : { timeline }) };
  });
  return { ...view, members };
}

function haMember(member: ClusterMember, own: Asked<OwnStatus> | undefined): HaMember {
  const { name, role, state, lag } = member;
  const status = own === undefined ? undefined : known(own);
  // The leader of a standby cluster is no primary.
  const tellsItself = status !== undefined && role === "leader";
  return {
    name,
    role,
    state,
    lagBytes: typeof lag === "number" ? lag : undefined,
    isPrimary: tellsItself ? status.state === "running" && isPrimaryRole(status.role) : undefined,
  };
}

/** `master` before Patroni 4. */
function isPrimaryRole(role: string | undefined): boolean {
  return role === "primary" || role === "master";
}

/** What a standby has to do with commits: waited for by name, one of a quorum, or not waited for. */
type SyncState = "sync" | "quorum" | "async";

/** A member for the report. */
export interface MemberReport {
  readonly name: string;
  /** Where its PostgreSQL is. */
  readonly address: string | null;
  /** False: it is in the cluster, but is not to be. */
  readonly declared: boolean;
  /** Patroni's word; null when the cluster does not know it. */
  readonly role: string | null;
  readonly state: string | null;
  readonly timeline: number | null;
  /** Bytes of WAL that it has not replayed; null for the leader, and when nobody knows. */
  readonly lagBytes: number | null;
  /** By how much it replays later than the leader writes; null likewise. */
  readonly lagSeconds: number | null;
  /** Null for the leader. */
  readonly sync: SyncState | null;
  /** That it stands in; null when no stack declares that. */
  readonly zone: string | null;
  /** Whether it may have synchronous commits, as declared; null when it is not. */
  readonly eligible: boolean | null;
  /** Whether Patroni has it tagged so that it gets none; null when the cluster does not know it. */
  readonly nosync: boolean | null;
  /** Parameters that wait for a restart; empty: none does. */
  readonly pendingRestart: readonly string[];
  /** Whether its Patroni answers. */
  readonly answers: boolean;
  /** Why it does not. */
  readonly reason: string | null;
}

/** How far a standby is behind, as the leader's PostgreSQL has it. */
export interface MeasuredLag {
  readonly bytes: number | null;
  readonly seconds: number | null;
}

/** Declared members in their order, then those that are only in the cluster. */
export function memberReports(
  handle: ClusterHandle,
  seen: MembersSeen,
  lags: ReadonlyMap<string, MeasuredLag>,
): readonly MemberReport[] {
  const view = known(seen.view);
  const inLine = view === undefined ? [] : haMembersOf(view);
  const inCluster = new Map(inLine.map((member) => [member.name, member]));
  const places = new Map(handle.members.map((member) => [member.name, member]));
  const names = [...new Set([...places.keys(), ...inCluster.keys()])];
  return names.map((name) => {
    const [planned, member, own] = [places.get(name), inCluster.get(name), seen.own.get(name)];
    return {
      name,
      address: planned?.address ?? member?.host ?? null,
      declared: seen.declared.includes(name),
      role: member?.role ?? null,
      state: member?.state ?? null,
      timeline: member?.timeline ?? null,
      ...lagOf(member, lags.get(name)),
      sync: syncOf(member),
      zone: planned?.zone ?? null,
      eligible: planned === undefined ? null : (planned.synchronous ?? true),
      nosync: member === undefined ? null : isNosync(member),
      pendingRestart: pendingOf(member),
      answers: own !== undefined && "known" in own,
      reason: own !== undefined && "unknown" in own ? own.unknown : null,
    };
  });
}

/** What the DCS holds of it may be as old as `loop_wait`. */
function lagOf(
  member: ClusterMember | undefined,
  measured: MeasuredLag | undefined,
): Pick<MemberReport, "lagBytes" | "lagSeconds"> {
  if (member === undefined || isLeader(member)) return { lagBytes: null, lagSeconds: null };
  const told = typeof member.lag === "number" ? member.lag : null;
  const lagBytes = measured?.bytes ?? told;
  // The leader measures no time for a standby that has nothing to replay.
  const lagSeconds = measured?.seconds ?? (measured !== undefined && lagBytes === 0 ? 0 : null);
  return { lagBytes, lagSeconds };
}

function syncOf(member: ClusterMember | undefined): SyncState | null {
  if (member === undefined || isLeader(member)) return null;
  if (member.role === "sync_standby") return "sync";
  return member.role === "quorum_standby" ? "quorum" : "async";
}

function pendingOf(member: ClusterMember | undefined): readonly string[] {
  if (member?.pending_restart !== true) return [];
  const names = Object.keys(member.pending_restart_reason ?? {});
  return names.length > 0 ? names.sort() : ["unnamed parameters"];
}

/** Where the leader's PostgreSQL is; undefined when nobody leads. */
export function leaderServer(
  handle: ClusterHandle,
  view: ClusterView | undefined,
): { readonly name: string; readonly host: string; readonly port: number } | undefined {
  const leader = view === undefined ? undefined : leaderOf(view);
  if (leader === undefined) return undefined;
  const planned = handle.members.find(({ name }) => name === leader.name);
  const host = planned?.address ?? leader.host;
  if (host === undefined) return undefined;
  return { name: leader.name, host, port: planned?.postgresPort ?? leader.port ?? 5432 };
}
