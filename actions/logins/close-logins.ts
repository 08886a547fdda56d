import { ActionError } from "../action-error.ts";
import {
  type LeaderSql,
  type LeaderSqlOptions,
  lastLookMs,
  leaderSql,
  linesOf,
  sqlOn,
} from "../sql/leader-sql.ts";
import { type Clock, systemClock, waitFor } from "../wait.ts";
import { cannotLogIn, literal } from "./roles-statements.ts";

export interface CloseLoginsOptions extends Omit<LeaderSqlOptions, "what"> {
  /** Roles that are to be good for nothing; one that is not there is none. */
  readonly closed: readonly string[];
  /** What is to be done when nobody streams by one of them any more, and before they are closed. */
  readonly meanwhile?: () => Promise<void>;
}

/**
 * Takes the passwords of roles away, and their right to log in, and ends their sessions. While a standby still streams by
 * one of them nothing is closed: it could not come back. Doing it twice changes nothing.
 *
 * @throws ActionError `deadline` with who still streams by which role, when nobody leads in time, or when a session does
 *   not end; `failed` when the server refuses.
 */
export async function closeLogins(options: CloseLoginsOptions): Promise<void> {
  const { closed, meanwhile, signal } = options;
  if (closed.length === 0) return;
  const clock = options.clock ?? systemClock;
  const end = clock.now() + options.deadlineMs;
  const limits = () => ({ deadlineMs: Math.max(1, end - clock.now()), clock, signal });
  const deadlineMs = options.deadlineMs + lastLookMs;
  const sql = leaderSql({ ...options, deadlineMs, what: "the former logins" });
  await nobodyStreamsBy(sql, closed, limits());
  await meanwhile?.();
  await sql("postgres", closed.map(cannotLogIn).join("\n"));
  await sessionsEnd(options, closed, limits());
}

interface Limits {
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

async function nobodyStreamsBy(sql: LeaderSql, roles: readonly string[], limits: Limits): Promise<void> {
  const what = "every standby streams by its new login";
  const remedy =
    "Nothing was closed. Replace that member, or end what copies or streams by that role, and run `pulumi up` again";
  await waitFor({ what, everyMs: 500, remedy, ...limits }, async () => {
    const rows = linesOf(await sql("postgres", streamingBy(roles)));
    return rows.length === 0 ? { found: true } : { pending: rows.join(", ") };
  });
}

function streamingBy(roles: readonly string[]): string {
  return `select application_name || ' streams by ' || usename from pg_catalog.pg_stat_replication
    where usename in (${roles.map(literal).join(", ")}) order by 1;`;
}

/**
 * On every member: the standbys have sessions of their own, and close a role a moment after the leader. Whoever was let in
 * just before may not be on the list at the first look. A server that does not run has no sessions.
 */
async function sessionsEnd(
  { members, execOn }: CloseLoginsOptions,
  roles: readonly string[],
  limits: Limits,
): Promise<void> {
  const what = "the former logins are good for nothing on any member";
  const remedy = "Run `pulumi up` again";
  const sqlOnMember = { execOn, timeoutMs: lastLookMs, signal: limits.signal };
  await waitFor({ what, everyMs: 250, remedy, ...limits }, async () => {
    const left = await Promise.all(
      members.map(async ({ name }) => {
        const rows = await sqlOn(name, "postgres", endSessionsOf(roles), sqlOnMember).catch(noneIfDown);
        return linesOf(rows).map((row) => `${name}: ${row}`);
      }),
    );
    return left.flat().length === 0 ? { found: true } : { pending: left.flat().join(", ") };
  });
}

function noneIfDown(error: unknown): string {
  if (error instanceof ActionError && error.code === "unreachable") return "";
  throw error;
}

function endSessionsOf(roles: readonly string[]): string {
  const names = roles.map(literal).join(", ");
  return `select usename || ' has process ' || pid from (
      select usename, pid, pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
      where usename in (${names})
    ) ended order by 1;
    select rolname || ' can log in' from pg_catalog.pg_roles where rolcanlogin and rolname in (${names}) order by 1;`;
}
