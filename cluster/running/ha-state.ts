/**
 * How a cluster stands, in the words of the managed services:
 *
 * - `NotEnabled`: one member is declared, so nobody could take over.
 * - `Initializing`: a declared standby is being made, or there is none yet.
 * - `ReplicatingData`: the standby exists and catches up.
 * - `Healthy`: one member leads, and replication is steady.
 * - `FailingOver`: nobody leads, or the roles are changing.
 * - `RemovingStandby`: a member that is not declared any more is still there.
 */
export type HaState =
  | "NotEnabled"
  | "Initializing"
  | "ReplicatingData"
  | "Healthy"
  | "FailingOver"
  | "RemovingStandby";

/** A member as it was seen. */
export interface HaMember {
  readonly name: string;
  /** leader, standby_leader, sync_standby, quorum_standby or replica. */
  readonly role: string;
  /** As Patroni's /cluster has it: running, streaming, creating replica, stopped … */
  readonly state: string;
  /** Bytes of WAL that it has not replayed; absent when nobody knows. */
  readonly lagBytes?: number | undefined;
  /** Whether it says of itself that it is the primary and runs; absent when it was not asked or does not answer. */
  readonly isPrimary?: boolean | undefined;
}

/** What the state follows from. */
export interface HaFacts {
  /** Names of the members that the specification declares. */
  readonly declared: readonly string[];
  /** How many standbys the specification asks to have each commit. */
  readonly synchronousStandbys: number;
  /** The members that the DCS knows, in any order. */
  readonly members: readonly HaMember[];
}

/** An asynchronous standby that is further behind is not promoted (Patroni's `maximum_lag_on_failover`): bytes. */
const steadyLagBytes = 1024 * 1024;

/** The state that the facts amount to, at this moment. One look is not enough to tell anybody: see `isSteady`. */
export function haStateOf({ declared, synchronousStandbys, members }: HaFacts): HaState {
  const strangers = members.filter(({ name }) => !declared.includes(name));
  if (declared.length <= 1 && strangers.length === 0) return "NotEnabled";
  if (!isLed(members)) return "FailingOver";
  if (strangers.length > 0) return "RemovingStandby";
  const standbys = members.filter((member) => !leads(member));
  if (standbys.length === 0 || standbys.some(isBeingMade)) return "Initializing";
  return isReplicationSteady(standbys, synchronousStandbys) ? "Healthy" : "ReplicatingData";
}

/** Whether one look is enough to tell a state: the others come and go, so they are told when seen twice. */
export function isSteady(state: HaState): boolean {
  return state === "Healthy" || state === "NotEnabled";
}

/** Exactly one member leads, runs, and says so itself where it was asked. */
function isLed(members: readonly HaMember[]): boolean {
  const [leader, ...others] = members.filter(leads);
  if (leader === undefined || others.length > 0) return false;
  return leader.state === "running" && leader.isPrimary !== false;
}

/**
 * A standby that is lost changes nothing of this as long as another one streams: that the cluster is degraded is said
 * beside the state.
 */
function isReplicationSteady(standbys: readonly HaMember[], synchronousStandbys: number): boolean {
  const alive = standbys.filter(isAlive);
  if (alive.length === 0 || alive.some(({ state }) => state !== "streaming")) return false;
  const synchronous = alive.filter(isSynchronous);
  if (synchronous.length < Math.min(synchronousStandbys, alive.length)) return false;
  return alive.every((member) => isSynchronous(member) || (member.lagBytes ?? 0) <= steadyLagBytes);
}

function leads({ role }: HaMember): boolean {
  return role === "leader" || role === "standby_leader";
}

function isSynchronous({ role }: HaMember): boolean {
  return role === "sync_standby" || role === "quorum_standby";
}

/** It is copied from the leader, or from the archive. */
function isBeingMade({ state }: HaMember): boolean {
  return ["creating replica", "initializing new cluster", "running custom bootstrap script"].includes(state);
}

/** PostgreSQL is there, or on its way up. */
function isAlive({ state }: HaMember): boolean {
  return ["running", "streaming", "in archive recovery", "starting", "restarting"].includes(state);
}
