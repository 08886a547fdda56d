import { rollingOrder, successorOf, whyNotInService } from "../running/rolling.ts";
import { leaderIn } from "../running/switchover-checks.ts";
import type { Change, Figure, Seen } from "./change.ts";
import type { Claim, MeasuredCause, OutageCause } from "./claims.ts";
import { endpointClaims, movesForWriters } from "./endpoint-ways.ts";
import { writtenFigures } from "./figures.ts";
import { copiesSlots, restartsOf } from "./settings-claims.ts";

/** What happens to the roles: who is promoted, in which order, and for how long nobody writes. */
export function roleClaims(change: Change, seen: Seen | undefined): readonly Claim[] {
  const moves = movesOf(change);
  const leader = seen === undefined ? undefined : leaderIn(seen.roles)?.name;
  const { least, most, ifLeads } = switchoversOf(moves, leader);
  const successors = seen === undefined || leader === undefined ? [] : successorsOf(moves, leader, seen);
  return [
    { kind: "switchovers", least, most, ifLeads },
    ...orderOf(change, moves, seen),
    // After more than one, somebody may lead of whom nothing can be said yet.
    ...(leader === undefined || most > 1 || (most > least && successors.length === 0)
      ? []
      : [{ kind: "leader", before: leader, after: most === 0 ? [leader] : successors } as const]),
    outageOf(change, moves, most, seen),
    ...blocksOf(change, moves, seen),
  ];
}

/** The members that there are before a change, by what becomes of them. */
interface Moves {
  readonly all: readonly string[];
  readonly replaced: readonly string[];
  readonly removed: readonly string[];
  readonly staying: readonly string[];
}

function movesOf({ before, parts }: Change): Moves {
  const all = before?.plan.members.map(({ name }) => name) ?? [];
  const removed = parts.removed.member.filter((name) => all.includes(name));
  return {
    all,
    replaced: parts.replaced.member,
    removed,
    staying: all.filter((name) => !removed.includes(name)),
  };
}

/**
 * How often somebody is promoted, whoever leads: once when all members are replaced, as those come last that lead, and
 * those that lead afterwards are replaced already. Whoever leads and is removed hands over first, to one of whom nobody
 * knows the place in the order: it may have to hand over once more, and the next one as well.
 *
 * @param leader undefined: nobody knows.
 */
function switchoversOf(
  { all, replaced, removed, staying }: Moves,
  leader: string | undefined,
): { readonly least: number; readonly most: number; readonly ifLeads: readonly string[] } {
  // Nobody can take over; or nobody is left who would.
  if (all.length < 2 || staying.length === 0) return { least: 0, most: 0, ifLeads: [] };
  const rolls = staying.length > 1 ? replaced : [];
  const every = rolls.length === staying.length;
  const counts = (leader === undefined ? all : [leader]).map((name) => {
    if (!removed.includes(name)) {
      const count = rolls.includes(name) ? 1 : 0;
      return { name, least: count, most: count };
    }
    return { name, least: every ? 2 : 1, most: rolls.length > 0 ? 3 : 1 };
  });
  const most = Math.max(...counts.map((count) => count.most));
  return {
    least: Math.min(...counts.map((count) => count.least)),
    most,
    ifLeads: most === 0 ? [] : counts.filter((count) => count.most === most).map(({ name }) => name),
  };
}

/** Who may lead after the one switchover that there is: the best of those that are replaced already, or of those that stay. */
function successorsOf({ replaced, removed, staying }: Moves, leader: string, { roles }: Seen): string[] {
  const moves = replaced.includes(leader) || removed.includes(leader);
  if (!moves) return [leader];
  const others = staying.filter((name) => name !== leader);
  const renewed = others.filter((name) => replaced.includes(name));
  const among = renewed.length > 0 ? renewed : others;
  const fit = among.filter((name) => successorOf(roles, [name], new Set()) !== undefined);
  const synchronous = fit.filter((name) => {
    const member = roles.members.find((one) => one.name === name);
    return member !== undefined && member.nosync !== true;
  });
  return synchronous.length > 0 ? synchronous : fit;
}

/** Whoever is replaced, in the order in which `up` would take them. */
function orderOf({ parts }: Change, { all, replaced }: Moves, seen: Seen | undefined): readonly Claim[] {
  const replicas = parts.replaced.replica;
  if (replaced.length + replicas.length < 2 || (replaced.length > 1 && seen === undefined)) return [];
  const members = seen === undefined ? all : rollingOrder(all, seen.roles);
  const names = [...replicas, ...members.filter((name) => replaced.includes(name))];
  return [{ kind: "order", names }];
}

function outageOf(
  change: Change,
  { replaced, staying }: Moves,
  switchovers: number,
  seen: Seen | undefined,
): Claim {
  const restarts = change.before !== undefined && restartsOf(change).length > 0;
  const causes: readonly OutageCause[] = [
    ...(switchovers > 0 ? (["switchover"] as const) : []),
    ...(restarts ? (["restart"] as const) : []),
    ...(replaced.length > 0 && staying.length === 1 ? (["replacement"] as const) : []),
    ...(copiesSlots(change) ? (["slot copies"] as const) : []),
    ...(movesEndpoint(change) ? (["endpoint"] as const) : []),
  ];
  // How long clients take to follow is theirs to say.
  const figures = causes.filter((cause) => cause !== "endpoint").map((cause) => figureOf(cause, seen));
  const longest = figures.reduce<Figure | undefined>(
    (most, figure) => (most === undefined || (figure && figure.worstMs > most.worstMs) ? figure : most),
    undefined,
  );
  // One that nobody knows may be the longest.
  const known = figures.includes(undefined) ? undefined : longest;
  return {
    kind: "outage",
    causes,
    expectedMs: known?.expectedMs ?? null,
    worstMs: known?.worstMs ?? null,
    source: known?.source ?? null,
  };
}

function movesEndpoint(change: Change): boolean {
  return endpointClaims(change).some(({ from, to }) => movesForWriters(from, to));
}

/** This cluster's own, where it has any. */
function figureOf(cause: MeasuredCause, seen: Seen | undefined): Figure | undefined {
  switch (cause) {
    case "switchover":
      return seen?.switchover ?? writtenFigures.switchover;
    case "restart":
      return seen?.restart ?? writtenFigures.restart;
    case "replacement":
    case "slot copies":
      return writtenFigures[cause];
  }
}

/** What `up` would wait for before it touches a member, and then give up. */
function blocksOf(
  change: Change,
  { replaced, removed, staying }: Moves,
  seen: Seen | undefined,
): readonly Claim[] {
  if (seen === undefined || change.after === undefined) return [];
  if (replaced.length + removed.length === 0) return [];
  const { roles } = seen;
  const paused = roles.paused ? ["Patroni is paused, and `up` replaces and removes no member then"] : [];
  // One that is out of service is replaced first: that repairs it.
  const repaired = new Set(replaced.filter((name) => whyNotInService(roles, name) !== undefined));
  const waiting = staying.filter((name) => !repaired.has(name));
  const reasons = waiting.flatMap((name) => whyNotInService(roles, name) ?? []);
  return [...paused, ...reasons].map((reason) => ({ kind: "blocked", reason }));
}
