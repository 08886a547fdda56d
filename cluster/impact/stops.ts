import { andList } from "../and-list.ts";
import type { StandbyPlan } from "../plan-types.ts";
import { leaderIn } from "../running/switchover-checks.ts";
import type { Change, Seen } from "./change.ts";
import type { Claim } from "./claims.ts";

/**
 * What keeps `up` from making a change at all that both specifications allow. When there is any of it, nothing else becomes
 * of the change.
 */
export function stopsOf(change: Change, seen: Seen | undefined): readonly Claim[] {
  const following = followingStops(change, seen).filter(({ kind }) => kind === "refused");
  return following.length > 0 ? following : departureStops(change);
}

/** What an update refuses unless `spiloctl promote` or `spiloctl follow` comes first, where nobody has looked. */
export function conditionsOf(change: Change, seen: Seen | undefined): readonly Claim[] {
  return followingStops(change, seen).filter(({ kind }) => kind === "refused unless");
}

/** An update never has a cluster lead that follows another one, nor one follow that leads. */
function followingStops({ before, after }: Change, seen: Seen | undefined): readonly Claim[] {
  if (before === undefined || after === undefined) return [];
  const [was, is] = [before.plan.standby, after.plan.standby];
  if ((was === undefined) === (is === undefined)) return [];
  const role = seen === undefined ? undefined : leaderIn(seen.roles)?.role;
  const follows = role === undefined ? undefined : role === "standby_leader";
  if (is === undefined && was !== undefined) {
    const message = `is not declared, and the cluster follows ${sourceInWords(was)}: an update never has it lead`;
    const remedy = "Run `spiloctl promote`, or declare standbyOf again.";
    return stop({ path: "standbyOf", message, remedy }, "the cluster leads by itself then", follows);
  }
  const message = "is declared, and the cluster leads by itself: an update never gives up what it has";
  const remedy = "Run `spiloctl follow`, or remove standbyOf.";
  const leads = follows === undefined ? undefined : !follows;
  return stop({ path: "standbyOf", message, remedy }, "the cluster follows another one then", leads);
}

/** @param applies undefined: nobody has looked. */
function stop(
  issue: { readonly path: string; readonly message: string; readonly remedy: string },
  unless: string,
  applies: boolean | undefined,
): readonly Claim[] {
  if (applies === undefined) return [{ kind: "refused unless", ...issue, unless }];
  return applies ? [{ kind: "refused", ...issue }] : [];
}

function sourceInWords({ source }: StandbyPlan): string {
  return source === undefined ? "an archive" : `${source.hosts.join(",")}:${source.port}`;
}

/** Members leave when those that stay serve, and before others are made: so one has to stay. */
function departureStops({ before, after, parts }: Change): readonly Claim[] {
  if (before === undefined || after === undefined) return [];
  const members = before.plan.members.map(({ name }) => name);
  if (members.length === 0 || members.some((name) => !parts.removed.member.includes(name))) return [];
  const others = andList(after.plan.members.map(({ name }) => name));
  const reason =
    `no member of ${andList(members)} stays, and none is removed before ${others} serve: ` +
    "exchange one zone, run `pulumi up`, and exchange the next one then";
  return [{ kind: "blocked", reason }];
}
