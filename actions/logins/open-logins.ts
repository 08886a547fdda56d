import { roleNames, superuser } from "../../cluster/rotation/roles.ts";
import { type LeaderSql, type LeaderSqlOptions, lastLookMs, leaderSql } from "../sql/leader-sql.ts";
import { type Clock, systemClock, waitFor } from "../wait.ts";
import { passwordStatements } from "./login-passwords.ts";
import { rewindLogin, standbyLogin } from "./roles.ts";
import { canLogIn, literal, spareLogin } from "./roles-statements.ts";

/** A role in the database, and what it is to log in with. */
interface Login {
  readonly user: string;
  readonly password: string;
}

export interface OpenLoginsOptions extends Omit<LeaderSqlOptions, "what"> {
  /** Those that everybody moves to. */
  readonly logins: readonly Login[];
  readonly superuserPassword: string;
}

/**
 * Lets roles log in with new passwords, beside those that everybody still logs in by. Ends when every standby that
 * streams has it as well: whoever leads then, both get in. Doing it twice changes nothing.
 *
 * @throws ActionError `deadline` when nobody leads, or a standby does not follow, in time; `failed` when the server
 *   refuses.
 */
export async function openLogins(options: OpenLoginsOptions): Promise<void> {
  const { logins, superuserPassword } = options;
  const clock = options.clock ?? systemClock;
  const end = clock.now() + options.deadlineMs;
  const deadlineMs = options.deadlineMs + lastLookMs;
  const sql = leaderSql({ ...options, deadlineMs, what: "the logins of the next generation" });
  const users = logins.map(({ user }) => user);
  await sql("postgres", users.flatMap(roleAsIn).join("\n"));
  const passwords = Object.fromEntries(logins.map(({ user, password }) => [user, password]));
  const statements = await passwordStatements(sql, { ...passwords, [superuser]: superuserPassword });
  await sql("postgres", [...statements, ...users.map(canLogIn)].join("\n"));
  const standbys = options.members.map(({ name }) => name);
  await standbysFollow(sql, standbys, { ...options, clock, deadlineMs: Math.max(1, end - clock.now()) });
}

/** With the rights that the other one of its purpose has from the cluster's birth; other rights are given by `Roles`. */
function roleAsIn(user: string): readonly string[] {
  if (roleNames("standby").includes(user)) return standbyLogin(user);
  if (roleNames("rewind").includes(user)) return rewindLogin(user);
  return spareLogin(user);
}

/** A commit that no standby has is lost with its leader, and the next one would not let anybody in. */
async function standbysFollow(
  sql: LeaderSql,
  standbys: readonly string[],
  { deadlineMs, clock, signal }: { deadlineMs: number; clock: Clock; signal?: AbortSignal | undefined },
): Promise<void> {
  const what = "every standby has the new logins";
  const remedy = "Nobody has moved to them yet; `spiloctl status` says how far behind a standby is";
  const position = (await sql("postgres", "select pg_catalog.pg_current_wal_flush_lsn();")).trim();
  await waitFor({ what, deadlineMs, everyMs: 250, remedy, clock, signal }, async () => {
    const behind = (await sql("postgres", standbysBehind(standbys, position))).trim();
    return behind === "" ? { found: true } : { pending: `${behind.replaceAll("\n", ", ")} still behind` };
  });
}

/**
 * Those of the members that stream and have not written down as much. Others who stream, such as copies that are made or
 * archives, may write nothing down for long, and never lead. The position is the server's own text.
 */
function standbysBehind(standbys: readonly string[], position: string): string {
  return `select application_name from pg_catalog.pg_stat_replication
    where state = 'streaming' and application_name in (${standbys.map(literal).join(", ")}) and (flush_lsn is null or flush_lsn < '${position}'::pg_catalog.pg_lsn) order by 1;`;
}
