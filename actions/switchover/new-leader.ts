import { ActionError, isPassing } from "../action-error.ts";
import { waitFor } from "../wait.ts";
import type { RoleTools } from "./role-tools.ts";

/** Who leads now. */
export interface NewLeader {
  readonly name: string;
  readonly timeline?: number;
}

/** What was asked of Patroni, and whom it is to make the leader. */
export interface RoleRequest {
  readonly from: string;
  readonly to: string;
  /** Patroni's answer, which comes up to a second after the fact. */
  readonly answer: Promise<string>;
  /** How long a leader that is lost may still be taken for one, seconds. @default 0 */
  readonly ttl?: number;
}

/** Where the roles stay as they are, an answer that was lost says nothing: after that long it does. */
const PATIENCE_MS = 15_000;
const DEADLINE_MS = 60_000;
const EVERY_MS = 50;
/** Between two looks at everybody, which cost more than one at the candidate. */
const LOOK_AROUND_MS = 500;

/**
 * Waits until the member takes writes, or somebody else does instead of it. It is asked itself, many times a second:
 * clients wait.
 *
 * @throws Patroni's refusal; ActionError `failed` when it has tried in vain, `deadline` when nobody says anything.
 */
export async function newLeader(
  tools: RoleTools,
  { from, to, answer, ttl = 0 }: RoleRequest,
): Promise<NewLeader> {
  const { clock, signal } = tools;
  const outcome: { answered?: true; problem?: Problem } = {};
  answer.then(
    () => {
      outcome.answered = true;
    },
    (error: unknown) => {
      outcome.problem = { error, at: clock.now() };
    },
  );
  let lookAroundAt = clock.now();
  const limits = {
    deadlineMs: DEADLINE_MS + ttl * 1000,
    everyMs: EVERY_MS,
    clock,
    signal,
  };
  const remedy = "`spiloctl status` shows who leads; Patroni ends what it has begun by itself";
  return await waitFor({ what: `${to} leads`, remedy, ...limits }, async () => {
    const candidate = await takesWrites(tools, to);
    if (candidate !== undefined) return { found: candidate };
    const pending = { pending: "it does not take writes yet" };
    const { answered = false, problem } = outcome;
    if ((!answered && problem === undefined) || clock.now() < lookAroundAt) return pending;
    lookAroundAt = clock.now() + LOOK_AROUND_MS;
    const name = await tools.leader();
    if (problem !== undefined && (name === undefined || name === from)) {
      giveUpInTime(problem, { from, leads: name === from, waitedMs: clock.now() - problem.at, ttl });
    }
    const another = name === undefined || name === from ? undefined : await takesWrites(tools, name);
    return another === undefined ? pending : { found: another };
  });
}

interface Problem {
  readonly error: unknown;
  readonly at: number;
}

/**
 * An answer that was lost may have been a yes, and one that comes too early for a lease to run out is no no. What
 * Patroni refuses it does not begin.
 */
function giveUpInTime(
  { error }: Problem,
  {
    from,
    leads,
    waitedMs,
    ttl,
  }: { readonly from: string; readonly leads: boolean; readonly waitedMs: number; readonly ttl: number },
): void {
  const refused = error instanceof ActionError && error.code === "refused";
  const patience = (leads && !isPassing(error) ? 0 : PATIENCE_MS) + ttl * 1000;
  if (!refused && waitedMs < patience) return;
  if (!isPassing(error)) throw error;
  const now = leads ? `${from} still leads` : "nobody leads";
  throw new ActionError("failed", `Patroni's answer was lost, and ${now}: ${error.message}`);
}

/** Waits until nobody writes on the former leader any more. Never fails: it is told in passing. */
export async function writesHaveStopped(
  { primary, clock, signal }: Pick<RoleTools, "primary" | "clock" | "signal">,
  member: string,
): Promise<boolean> {
  const limits = {
    deadlineMs: DEADLINE_MS,
    everyMs: EVERY_MS,
    clock,
    signal,
  };
  try {
    return await waitFor({ what: `${member} has stopped`, ...limits }, async () => {
      try {
        return (await primary(member)).leads ? { pending: "it leads" } : { found: true };
      } catch (error) {
        if (isPassing(error)) return { found: true };
        throw error;
      }
    });
  } catch {
    return false;
  }
}

/** Does this one lead, and take writes? */
export async function takesWrites(tools: RoleTools, member: string): Promise<NewLeader | undefined> {
  try {
    const { takesWrites: ready, timeline } = await tools.primary(member);
    if (!ready) return undefined;
    return { name: member, ...(timeline === undefined ? {} : { timeline }) };
  } catch (error) {
    if (isPassing(error)) return undefined;
    throw error;
  }
}
