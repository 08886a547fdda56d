import {
  leaderIn,
  type ObservedMember,
  type RoleObservation,
  type SynchronousMode,
} from "../../cluster/running/switchover-checks.ts";
import { unlessPassing } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
import {
  findCluster,
  haMembersOf,
  isLeader,
  isNosync,
  isReplica,
  restUrlOf,
} from "../patroni/find-cluster.ts";
import type { ClusterMember, ClusterView, Document, PatroniClient } from "../patroni/patroni-client.ts";

/** What decides about the roles, and what was seen beside it. */
export interface ObservedRoles extends RoleObservation {
  /** Members whose Patroni does not answer now. */
  readonly silent: readonly string[];
  /** How long the leader's key lasts without being renewed, seconds. */
  readonly ttl: number;
  /** Between two looks of Patroni's, seconds. */
  readonly loopWait: number;
}

type Status = Awaited<ReturnType<PatroniClient["member"]>>;

/**
 * Asks the DCS through whoever answers, and every member itself, but no read replica: what the DCS holds of them may be ten seconds old.
 *
 * @throws ActionError `unreachable` when no member answers.
 */
export async function observeRoles({
  patroni,
  members,
}: Pick<ClusterHandle, "patroni" | "members">): Promise<ObservedRoles> {
  const { view, restUrl } = await findCluster(
    patroni,
    members.map((member) => member.restUrl),
  );
  const inLine = haMembersOf(view);
  const [config, statuses] = await Promise.all([
    patroni.config(restUrl),
    Promise.all(
      inLine.map((member) => patroni.member(restUrlOf(member, members)).catch(unlessPassing(undefined))),
    ),
  ]);
  const seen = inLine.map((member, index) => ({ member, status: statuses[index] }));
  const written = positionOfLeader(seen);
  return {
    members: seen.map((one) => observed(one, written)),
    replicas: view.members.filter(isReplica).map(({ name }) => name),
    silent: seen.filter(({ status }) => status === undefined).map(({ member }) => member.name),
    ...settingsIn(config),
    ...standingIn(view),
  };
}

interface Seen {
  readonly member: ClusterMember;
  /** Undefined: it does not answer. */
  readonly status: Status | undefined;
}

function observed({ member, status }: Seen, written: Position): ObservedMember {
  const { name, role } = member;
  const timeline = status?.timeline ?? member.timeline;
  const lagBytes = isLeader(member) ? 0 : lagOf({ member, status }, written);
  return {
    name,
    role,
    state: status === undefined ? "does not answer" : (status.replication_state ?? status.state),
    ...(lagBytes === undefined ? {} : { lagBytes }),
    ...(timeline === undefined ? {} : { timeline }),
    ...(member.tags?.["nofailover"] === true ? { nofailover: true } : {}),
    ...(isNosync(member) ? { nosync: true } : {}),
  };
}

interface Position {
  readonly bytes: number | undefined;
  /** It is the leader's own, of now. */
  readonly certain: boolean;
}

/** What the leader has written; when it does not say so, at least what any standby has received. */
function positionOfLeader(seen: readonly Seen[]): Position {
  const leader = seen.find(({ member }) => isLeader(member));
  const own = leader?.status?.xlog?.location;
  if (own !== undefined) return { bytes: own, certain: true };
  const received = seen.flatMap(({ status }) => receivedBy(status) ?? []);
  return { bytes: received.length === 0 ? undefined : Math.max(...received), certain: false };
}

/** A standby that starts anew has received nothing yet, and has what it has replayed. */
function receivedBy(status: Status | undefined): number | undefined {
  const { received_location: received, replayed_location: replayed } = status?.xlog ?? {};
  const known = [received, replayed].filter((one) => typeof one === "number");
  return known.length === 0 ? undefined : Math.max(...known);
}

function lagOf({ member, status }: Seen, written: Position): number | undefined {
  const noted = typeof member.lag === "number" ? member.lag : undefined;
  const received = receivedBy(status);
  if (received === undefined || written.bytes === undefined) return noted;
  const lag = Math.max(0, written.bytes - received);
  // The DCS may have been told of more than any standby has received.
  return written.certain ? lag : Math.max(lag, noted ?? 0);
}

/** Patroni's defaults where nothing is set. */
function settingsIn(config: Document) {
  const number = (key: string, standard: number) => {
    const value = Number(config[key] ?? standard);
    return Number.isFinite(value) ? value : standard;
  };
  return {
    synchronousMode: synchronousModeIn(config),
    maximumLagBytes: number("maximum_lag_on_failover", 1024 * 1024),
    ttl: number("ttl", 30),
    loopWait: number("loop_wait", 10),
  };
}

function synchronousModeIn(config: Document): SynchronousMode {
  const written = String(config["synchronous_mode"] ?? "off").toLowerCase();
  if (written === "quorum") return "quorum";
  return ["true", "on", "yes", "1"].includes(written) ? "on" : "off";
}

function standingIn({ pause = false, scheduled_switchover: scheduled }: ClusterView) {
  if (scheduled === undefined) return { paused: pause };
  const { at, from, to } = scheduled;
  return {
    paused: pause,
    scheduled: { at, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
  };
}

/** Those that led or streamed, or wait for a leader: whoever did not is awaited by nobody. */
export function inServiceBefore({ members, silent }: ObservedRoles): readonly string[] {
  const leader = leaderIn({ members });
  // Without a leader nobody streams.
  const states = leader === undefined || silent.includes(leader.name) ? waiting : ["streaming"];
  return members
    .filter(({ name, state }) => !silent.includes(name) && (name === leader?.name || states.includes(state)))
    .map(({ name }) => name);
}

const waiting: readonly string[] = ["streaming", "running", "in archive recovery"];
