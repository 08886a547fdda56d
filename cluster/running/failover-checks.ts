import {
  byFitness,
  candidatesOf,
  leaderIn,
  type ObservedMember,
  type RoleObservation,
} from "./switchover-checks.ts";

export interface FailoverObservation extends RoleObservation {
  /** Members whose Patroni does not answer. */
  readonly silent: readonly string[];
}

export type FailoverDecision =
  | { readonly kind: "refused"; readonly reasons: readonly string[]; readonly remedy: string }
  /** The leader is well: it is lost on purpose, and Patroni finds the next one as it would. */
  | { readonly kind: "drill"; readonly leader: string }
  /** Nobody leads, or whoever does is silent: the candidate is made the leader. */
  | { readonly kind: "replace"; readonly leader: string | undefined; readonly candidate: ObservedMember };

/** What a forced failover would be, or why there is none. */
export function checkFailover(
  observation: FailoverObservation,
  { to }: { readonly to?: string },
): FailoverDecision {
  const leader = leaderIn(observation);
  const isWell =
    leader !== undefined && leader.state === "running" && !observation.silent.includes(leader.name);
  return isWell ? drillOf(observation, leader, to) : replacementFor(observation, leader, to);
}

function drillOf(
  { members, paused, scheduled }: FailoverObservation,
  leader: ObservedMember,
  to: string | undefined,
): FailoverDecision {
  const ready = candidatesOf({ members }).filter(
    ({ state, nofailover = false }) => state === "streaming" && !nofailover,
  );
  const reasons = [
    ...(leader.role === "standby_leader" ? [`${leader.name} follows another cluster`] : []),
    ...(to === undefined
      ? []
      : [
          `${leader.name} is well, so this is a drill, in which Patroni chooses who takes over: not --to ${to}`,
        ]),
    ...(paused ? ["Patroni is paused: nobody would take over"] : []),
    ...(scheduled === undefined ? [] : [`a switchover is scheduled for ${scheduled.at}`]),
    ...(ready.length > 0 ? [] : [`no standby streams from ${leader.name}: nobody would take over`]),
  ];
  if (reasons.length === 0) return { kind: "drill", leader: leader.name };
  const remedy = paused
    ? "End the pause first: `spiloctl resume`."
    : "Hand over in good order: `spiloctl switchover`; what stands: `spiloctl status`.";
  return { kind: "refused", reasons, remedy };
}

function replacementFor(
  { members, replicas = [], silent }: FailoverObservation,
  leader: ObservedMember | undefined,
  to: string | undefined,
): FailoverDecision {
  const others = candidatesOf({ members });
  const unfit = (member: ObservedMember) => reasonAgainst(member, silent);
  const wanted = others.filter(({ name }) => to === undefined || name === to);
  const [candidate] = byFitness(wanted.filter((member) => unfit(member) === undefined));
  if (candidate !== undefined) return { kind: "replace", leader: leader?.name, candidate };
  const known = members.map(({ name }) => name).join(", ");
  const lost = to !== undefined && to === leader?.name ? [`${to} is the leader that is lost`] : [];
  const unknown =
    to !== undefined && !members.some(({ name }) => name === to)
      ? [
          replicas.includes(to)
            ? `${to} is a read replica, which never leads`
            : `${to} is no member of this cluster (${known || "there are none"})`,
        ]
      : [];
  const reasons = [...lost, ...unknown, ...wanted.flatMap((member) => unfit(member) ?? [])];
  return {
    kind: "refused",
    reasons: reasons.length > 0 ? reasons : ["there is no other member"],
    remedy: "Bring a standby back first: `spiloctl status` and `docker logs NAME` say what is wrong with it.",
  };
}

function reasonAgainst(
  { name, state, nofailover = false }: ObservedMember,
  silent: readonly string[],
): string | undefined {
  if (silent.includes(name)) return `${name} does not answer`;
  if (nofailover) return `${name} is tagged nofailover`;
  // Without a leader nobody streams: whoever runs has what it had.
  return ["running", "streaming", "in archive recovery"].includes(state) ? undefined : `${name} is ${state}`;
}
