import type { Seen } from "../../cluster/impact/change.ts";
import { figureFrom } from "../../cluster/impact/figures.ts";
import { leaderIn } from "../../cluster/running/switchover-checks.ts";
import { type ClusterEvent, readEvents } from "../events.ts";
import type { ClusterHandle } from "../handle.ts";
import { ASK_MS, type Asked, ask, known } from "../status/ask.ts";
import { readServerFacts } from "../status/server-facts.ts";
import { observeRoles } from "../switchover/observe-roles.ts";

/** Who is asked; a test hands in others. */
export interface LookSources {
  readonly roles: typeof observeRoles;
  readonly serverFacts: typeof readServerFacts;
  readonly events: typeof readEvents;
}

const real: LookSources = { roles: observeRoles, serverFacts: readServerFacts, events: readEvents };

/** Enough for the newest of each kind. */
const EVENTS = 200;

/**
 * One look at a running cluster, which changes nothing: who leads and who could, which slots there are, and what its
 * history says of outages. Each question has five seconds.
 */
export async function lookAt(
  handle: ClusterHandle,
  { sources = real, askMs = ASK_MS }: { readonly sources?: LookSources; readonly askMs?: number } = {},
): Promise<Asked<Seen>> {
  const [roles, events] = await Promise.all([
    ask(() => sources.roles(handle), askMs),
    ask(() => sources.events(handle, EVENTS), askMs),
  ]);
  if ("unknown" in roles) return roles;
  const leader = leaderIn(roles.known)?.name;
  if (leader === undefined) return { unknown: "no member leads" };
  const planned = handle.members.find(({ name }) => name === leader);
  const facts =
    planned &&
    known(
      await ask(
        () => sources.serverFacts(handle, { host: planned.address, port: planned.postgresPort }),
        askMs,
      ),
    );
  const slots = facts?.slots.filter(({ type }) => type === "logical").map(({ name }) => name);
  const measured = known(events) ?? [];
  return {
    known: {
      roles: roles.known,
      logicalSlots: slots ?? null,
      switchover: figureFrom(outagesOf("switchover", measured)),
      restart: figureFrom(outagesOf("restart", measured)),
    },
  };
}

/** As verbs and updates have noted them, oldest first. The table is written by others as well. */
function outagesOf(kind: string, events: readonly ClusterEvent[]): readonly number[] {
  return events
    .filter((event) => event.kind === kind)
    .map(({ detail }) => detail["outageMs"])
    .filter((value) => typeof value === "number")
    .filter((value) => value >= 0);
}
