import { bytesInWords } from "../schema/byte-words.ts";
import {
  byFitness,
  isSynchronous,
  leaderIn,
  type ObservedMember,
  type RoleObservation,
} from "./switchover-checks.ts";

/**
 * In which order members are taken when all of them are to be replaced: first those that are not in service, as nothing
 * can get worse by it, then the standbys, and whoever leads last, when the others can take over. Within each the planned
 * order.
 *
 * @param planned names in the order of their numbers.
 */
export function rollingOrder(
  planned: readonly string[],
  observation: Pick<RoleObservation, "members" | "maximumLagBytes">,
): readonly string[] {
  const leader = leaderIn(observation)?.name;
  const rank = (name: string) => {
    if (name === leader) return 2;
    return whyNotInService(observation, name) === undefined ? 1 : 0;
  };
  return planned.toSorted((left, right) => rank(left) - rank(right));
}

/**
 * What a member lacks to take part in its cluster; undefined when it leads and runs, or streams on the leader's timeline
 * and is not further behind than a leader-to-be may be.
 */
export function whyNotInService(
  { members, maximumLagBytes }: Pick<RoleObservation, "members" | "maximumLagBytes">,
  name: string,
): string | undefined {
  const member = members.find((one) => one.name === name);
  if (member === undefined) return `${name} is not in the cluster`;
  const leader = leaderIn({ members });
  if (leader === undefined) return `${name} is ${member.state}, and no member leads`;
  if (member.name === leader.name) {
    return member.state === "running" ? undefined : `${name} leads, but is ${member.state}`;
  }
  if (member.state !== "streaming") {
    return `${name} does not stream from ${leader.name} (${member.state})`;
  }
  if (member.timeline !== undefined && leader.timeline !== undefined && member.timeline !== leader.timeline) {
    return `${name} is on timeline ${member.timeline}, and ${leader.name} on ${leader.timeline}`;
  }
  const { lagBytes = 0 } = member;
  return lagBytes > maximumLagBytes
    ? `${name} is ${bytesInWords(lagBytes)} behind (limit ${bytesInWords(maximumLagBytes)})`
    : undefined;
}

/**
 * Who is to lead when the leader has to go: of those that may, one that is renewed already comes before any other, so
 * that the leadership moves but once; then a synchronous one, then the one that is behind the least.
 *
 * @param among names of those that may lead.
 * @returns undefined when there is nobody.
 */
export function successorOf(
  { members }: Pick<RoleObservation, "members">,
  among: readonly string[],
  renewed: ReadonlySet<string>,
): ObservedMember | undefined {
  const leader = leaderIn({ members })?.name;
  const may = members.filter(
    ({ name, nofailover = false }) => name !== leader && among.includes(name) && !nofailover,
  );
  const fittest = byFitness(may);
  const rank = (member: ObservedMember) =>
    (renewed.has(member.name) ? 0 : 2) + (isSynchronous(member) ? 0 : 1);
  return fittest.toSorted((left, right) => rank(left) - rank(right))[0];
}
