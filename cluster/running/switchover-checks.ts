import { andList } from "../and-list.ts";
import { bytesInWords } from "../schema/byte-words.ts";

/** A member as it was seen. */
export interface ObservedMember {
  readonly name: string;
  /** leader, standby_leader, sync_standby, quorum_standby or replica. */
  readonly role: string;
  /** `running` of a leader that serves, `streaming` of a standby that receives WAL; else what Patroni says. */
  readonly state: string;
  /** Bytes of WAL that the leader has written and this one has not received; absent when nobody knows. */
  readonly lagBytes?: number;
  readonly timeline?: number;
  /** Tagged `nofailover`: it is never to lead. */
  readonly nofailover?: boolean;
  /** It is tagged so that no commit waits for it. */
  readonly nosync?: boolean;
}

/** Patroni's synchronous mode: `on` names the standbys that a commit waits for, `quorum` any so many of them. */
export type SynchronousMode = "off" | "on" | "quorum";

/** A switchover that Patroni carries out later. */
export interface ScheduledSwitchover {
  /** ISO 8601. */
  readonly at: string;
  readonly from?: string;
  readonly to?: string;
}

/** All that decides whether the leadership can be handed over, and to whom. */
export interface RoleObservation {
  /** Those that may lead. */
  readonly members: readonly ObservedMember[];
  /** Names of read replicas, which never do. @default none */
  readonly replicas?: readonly string[];
  /** Patroni leaves the roles alone. */
  readonly paused: boolean;
  readonly synchronousMode: SynchronousMode;
  /** Patroni's `maximum_lag_on_failover`, bytes. */
  readonly maximumLagBytes: number;
  readonly scheduled?: ScheduledSwitchover;
}

export interface SwitchoverWish {
  /** Who is to lead. @default the best candidate there is */
  readonly to?: string;
  /** It happens later: what passes until then is no reason against it. */
  readonly later?: boolean;
}

export type SwitchoverDecision =
  | { readonly kind: "already"; readonly leader: string }
  | { readonly kind: "refused"; readonly reasons: readonly string[]; readonly remedy: string }
  | { readonly kind: "go"; readonly leader: string; readonly candidate: ObservedMember };

/**
 * Whether a planned switchover may go ahead, and to whom.
 *
 * Nothing is lost by one, and it takes seconds: so a candidate streams from the leader, on its timeline, is not further
 * behind than Patroni would accept, and takes part in synchronous commit where that is on. With several, the best is
 * a synchronous one, and of these the one that is behind the least.
 */
export function checkSwitchover(observation: RoleObservation, wish: SwitchoverWish): SwitchoverDecision {
  const leader = leaderIn(observation);
  if (leader !== undefined && leader.name === wish.to) return { kind: "already", leader: leader.name };
  const general = [...clusterReasons(observation, leader), ...unknownReasons(observation, wish)];
  const unfit = leader === undefined ? [] : unfitReasons(observation, leader, wish);
  const [candidate] = leader === undefined ? [] : fitFor(observation, leader, wish);
  if (general.length > 0 || leader === undefined) {
    const reasons = candidate === undefined ? [...general, ...unfit] : general;
    return { kind: "refused", reasons, remedy: generalRemedy(observation, leader, wish) };
  }
  if (candidate !== undefined) return { kind: "go", leader: leader.name, candidate };
  const { to: _, ...anybody } = wish;
  const [other] = fitFor(observation, leader, anybody);
  return {
    kind: "refused",
    reasons: unfit.length > 0 ? unfit : [`${leader.name} leads, and there is no other member`],
    remedy: other === undefined ? wait : `Try \`--to ${other.name}\`, or wait: ${watch}.`,
  };
}

/** Those that may take over, the best first. */
function fitFor(
  observation: RoleObservation,
  leader: ObservedMember,
  wish: SwitchoverWish,
): readonly ObservedMember[] {
  const fits = (member: ObservedMember) => memberReasons(observation, leader, member, wish).length === 0;
  return byFitness(wantedOf(observation, wish).filter(fits));
}

/** Why each of those that were asked for cannot take over. */
function unfitReasons(
  observation: RoleObservation,
  leader: ObservedMember,
  wish: SwitchoverWish,
): readonly string[] {
  return wantedOf(observation, wish).flatMap((member) => {
    const reasons = memberReasons(observation, leader, member, wish);
    return reasons.length === 0 ? [] : [inOneSentence(member.name, reasons)];
  });
}

function wantedOf(observation: RoleObservation, { to }: SwitchoverWish): readonly ObservedMember[] {
  return candidatesOf(observation).filter(({ name }) => to === undefined || name === to);
}

const watch = "`spiloctl status --watch`";
const wait = `Wait until a standby has caught up: ${watch}.`;

/** Who leads, if anybody does. */
export function leaderIn({ members }: Pick<RoleObservation, "members">): ObservedMember | undefined {
  return members.find(isLeading);
}

/** Everybody who does not lead. */
export function candidatesOf({ members }: Pick<RoleObservation, "members">): readonly ObservedMember[] {
  return members.filter((member) => !isLeading(member));
}

function isLeading({ role }: ObservedMember): boolean {
  return role === "leader" || role === "standby_leader";
}

/** Does it take part in synchronous commit? */
export function isSynchronous({ role }: Pick<ObservedMember, "role">): boolean {
  return role === "sync_standby" || role === "quorum_standby";
}

/**
 * How many standbys are to be synchronous again when another one leads: as many as are now, but no more than can be. A
 * former leader that is tagged takes nobody's place among them.
 */
export function synchronousUnder(leader: string, members: readonly ObservedMember[]): number {
  const able = members.filter(({ name, nosync = false }) => !nosync && name !== leader);
  return Math.min(members.filter(isSynchronous).length, able.length);
}

/** The best first: synchronous, then behind the least, then by name so that the answer is always the same. */
export function byFitness(members: readonly ObservedMember[]): readonly ObservedMember[] {
  const lag = ({ lagBytes }: ObservedMember) => lagBytes ?? Number.MAX_SAFE_INTEGER;
  return members.toSorted(
    (a, b) =>
      Number(isSynchronous(b)) - Number(isSynchronous(a)) ||
      lag(a) - lag(b) ||
      a.name.localeCompare(b.name, "en", { numeric: true }),
  );
}

function clusterReasons(
  { paused, scheduled }: RoleObservation,
  leader: ObservedMember | undefined,
): readonly string[] {
  return [
    ...(leader === undefined ? ["no member leads"] : []),
    ...(leader?.role === "standby_leader"
      ? [`${leader.name} follows another cluster: it has no writes to hand over`]
      : []),
    ...(leader !== undefined && leader.state !== "running"
      ? [`${leader.name} leads, but is ${leader.state}`]
      : []),
    ...(paused ? ["Patroni is paused, and leaves the roles alone"] : []),
    ...(scheduled === undefined ? [] : [`another one is scheduled${describeScheduled(scheduled)}`]),
  ];
}

/** ` for 2030-01-01T02:00:00+00:00, to dev-2`. */
function describeScheduled({ at, to }: ScheduledSwitchover): string {
  return ` for ${at}${to === undefined ? "" : `, to ${to}`}`;
}

function unknownReasons(
  { members, replicas = [] }: Pick<RoleObservation, "members" | "replicas">,
  { to }: SwitchoverWish,
): readonly string[] {
  if (to === undefined || members.some(({ name }) => name === to)) return [];
  if (replicas.includes(to)) return [`${to} is a read replica, which never leads`];
  const known = members.map(({ name }) => name).join(", ");
  return [`${to} is no member of this cluster (${known === "" ? "there are none" : known})`];
}

function generalRemedy(
  observation: RoleObservation,
  leader: ObservedMember | undefined,
  wish: SwitchoverWish,
): string {
  if (unknownReasons(observation, wish).length > 0) return "Name one of the members.";
  if (leader === undefined) {
    return `Wait until one leads: ${watch}. If none does for a minute: \`spiloctl failover --force\`.`;
  }
  if (observation.paused) return "End the pause first: `spiloctl resume`.";
  if (observation.scheduled !== undefined) return "Take it back first: `spiloctl switchover --cancel`.";
  return `Wait until it serves: ${watch}.`;
}

/** Why this one cannot take over now, each without its name in front. */
function memberReasons(
  { synchronousMode, maximumLagBytes }: RoleObservation,
  leader: ObservedMember,
  member: ObservedMember,
  { later = false }: SwitchoverWish,
): readonly string[] {
  const { state, lagBytes, timeline, nofailover = false } = member;
  const tagged = nofailover ? ["is tagged nofailover"] : [];
  if (later) return tagged;
  if (state !== "streaming") return [...tagged, `does not stream from ${leader.name} (${state})`];
  const limit = `limit ${bytesInWords(maximumLagBytes)}`;
  return [
    ...tagged,
    ...(lagBytes === undefined ? ["is behind by nobody knows how much"] : []),
    ...((lagBytes ?? 0) > maximumLagBytes ? [`is ${bytesInWords(lagBytes ?? 0)} behind (${limit})`] : []),
    ...(timeline !== undefined && leader.timeline !== undefined && timeline !== leader.timeline
      ? [`is on timeline ${timeline}, and the leader on ${leader.timeline}`]
      : []),
    ...(synchronousMode !== "off" && !isSynchronous(member) ? ["is not synchronous"] : []),
  ];
}

/** `dev-3 is 48 MB behind (limit 1 MB) and not synchronous`. */
function inOneSentence(name: string, [first = "", ...others]: readonly string[]): string {
  const shortened = others.map((reason) => (first.startsWith("is ") ? reason.replace(/^is /, "") : reason));
  return `${name} ${andList([first, ...shortened])}`;
}
