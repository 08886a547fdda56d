import { ActionError, isPassing } from "../action-error.ts";
import type { ContainerExec } from "../engine/container-exec.ts";
import { linesOf, sqlOn } from "../sql/leader-sql.ts";
import { type Clock, waitFor } from "../wait.ts";
import { literal } from "./roles-statements.ts";

export interface MayRotateOptions {
  /** Names of the members, which are those of their containers; one that is not there does no harm. */
  readonly members: readonly string[];
  readonly execOn: (member: string) => ContainerExec;
  /** The roles that are to have the next generation's passwords. */
  readonly roles: readonly string[];
  /** How a refusal ends: what is to be done first. */
  readonly remedy: string;
  /** For somebody to lead. */
  readonly deadlineMs: number;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Whether a rotation may begin: somebody leads, and nobody logs in by the roles that it is going to use. The two roles of
 * a purpose take turns, so with another password such a role would turn away whoever has not yet moved on from it.
 * The members are asked in their containers: for that nothing is needed that a rotation changes.
 *
 * @throws ActionError `refused` with the roles that are still open, `deadline` when nobody leads.
 */
export async function mayRotate(options: MayRotateOptions): Promise<void> {
  const { members, remedy, deadlineMs, clock, signal } = options;
  const what = "a member leads, to which new logins can be made known";
  const still = await waitFor({ what, deadlineMs, everyMs: 1000, remedy, clock, signal }, async () => {
    const answers = await Promise.allSettled(members.map((member) => askMember(member, options)));
    signal?.throwIfAborted();
    const leader = answers.find((answer) => answer.status === "fulfilled" && answer.value.leads);
    if (leader?.status === "fulfilled") return { found: leader.value.open };
    const said = answers.flatMap((answer, index) => saidBy(members[index] ?? "", answer));
    return { pending: said.length === 0 ? "no member runs" : said.join("; ") };
  });
  if (still.length === 0) return;
  throw new ActionError(
    "refused",
    `the rotation before is not finished: ${still.join(", ")} can still log in; nothing was changed. ${remedy}`,
  );
}

interface Said {
  readonly leads: boolean;
  readonly open: readonly string[];
}

async function askMember(member: string, { execOn, roles, signal }: MayRotateOptions): Promise<Said> {
  const rows = await sqlOn(member, "postgres", question(roles), { execOn, timeoutMs: 10_000, signal });
  const [recovers, ...open] = linesOf(rows);
  return { leads: recovers === "f", open };
}

function question(roles: readonly string[]): string {
  return `select pg_catalog.pg_is_in_recovery();
    select rolname from pg_catalog.pg_roles
      where rolcanlogin and rolname in (${roles.map(literal).join(", ")}) order by 1;`;
}

/** Of those that cannot be asked, which may not be there at all, only what may pass is of interest. */
function saidBy(member: string, answer: PromiseSettledResult<Said>): readonly string[] {
  if (answer.status === "fulfilled") return [`${member} follows`];
  return isPassing(answer.reason) ? [answer.reason.message] : [];
}
