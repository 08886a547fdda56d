import { ActionError } from "../action-error.ts";
import type { ContainerExec, ExecResult } from "../engine/container-exec.ts";
import { describeMembers, findCluster, leaderOf, type MemberAddress } from "../patroni/find-cluster.ts";
import type { PatroniClient } from "../patroni/patroni-client.ts";
import { type Clock, systemClock, waitFor } from "../wait.ts";
import { mayPass } from "./sql-client.ts";

export interface LeaderSqlOptions {
  /** What is done, as the start of a sentence. */
  readonly what: string;
  readonly members: readonly Pick<MemberAddress, "name" | "restUrl">[];
  readonly patroni: PatroniClient;
  /** Runs a program in the container of that member. */
  readonly execOn: (member: string) => ContainerExec;
  /** For all scripts together. */
  readonly deadlineMs: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Runs a script of psql as superuser in a database of whoever leads, and gives its unaligned rows.
 *
 * The script may be run again from its beginning when the leader changes meanwhile, so it has to be one that may.
 *
 * @throws ActionError `deadline` when nobody leads in time, `failed` with the server's own words. The script is in
 *   neither: it may hold what nobody may see.
 */
export type LeaderSql = (database: string, script: string) => Promise<string>;

/**
 * The superuser logs in by the local socket of the member that leads, and nowhere else: so the scripts run in its
 * container, and are on no command line.
 */
export function leaderSql(options: LeaderSqlOptions): LeaderSql {
  const { what, deadlineMs, signal } = options;
  const clock = options.clock ?? systemClock;
  const end = clock.now() + deadlineMs;
  const remedy = "docker logs of the leader says more; then run `pulumi up` again";
  return async (database, script) => {
    const left = () => Math.max(1, end - clock.now());
    const limits = { deadlineMs: left(), clock, signal };
    return waitFor({ what, remedy, ...limits }, async () => {
      const leader = await findLeader(options);
      const timeoutMs = Math.min(left(), ONE_SCRIPT_MS);
      return { found: await sqlOn(leader, database, script, { execOn: options.execOn, timeoutMs, signal }) };
    });
  };
}

interface SqlOnOptions {
  readonly execOn: LeaderSqlOptions["execOn"];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The same once, on a certain member, whether it leads or not.
 *
 * @throws ActionError `unreachable` when its server does not run, or not yet; `failed` with the server's own words.
 */
export async function sqlOn(
  member: string,
  database: string,
  script: string,
  { execOn, timeoutMs, signal }: SqlOnOptions,
): Promise<string> {
  const psql = ["psql", "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-d", database];
  const run = { user: "postgres", input: prepared(script), timeoutMs, signal };
  const result = await execOn(member)(member, psql, run);
  if (result.exitCode === 0) return result.output;
  throw failure(member, result);
}

/** For who looks again and again: the last look may end after the wait for what is looked for, and says what it saw. */
export const lastLookMs = 30_000;

/** Creating a database copies one; nothing else here takes longer than a moment. */
const ONE_SCRIPT_MS = 60_000;

async function findLeader({ patroni, members }: LeaderSqlOptions): Promise<string> {
  const { view } = await findCluster(
    patroni,
    members.map(({ restUrl }) => restUrl),
  );
  const leader = leaderOf(view);
  if (leader === undefined) throw new ActionError("no-leader", `no member leads: ${describeMembers(view)}`);
  return leader.name;
}

/**
 * Before every script: what it does is nowhere written down or shown, neither in the server's log, when it fails or
 * when it is slow, nor in the statistics of statements, nor in the list of what runs. Errors come with their codes.
 */
function prepared(script: string): string {
  return `\\set VERBOSITY verbose
set log_statement = 'none';
set log_min_duration_statement = -1;
set log_min_duration_sample = -1;
set log_transaction_sample_rate = 0;
set log_duration = off;
set log_min_error_statement = panic;
set pg_stat_statements.track = 'none';
set auto_explain.log_min_duration = -1;
set track_activities = off;
set client_min_messages = warning;
set lock_timeout = '10s';
${script}
\\q
`;
}

/** psql ends with 2 when it has no connection, or loses it; with 3 when the server refuses a statement. */
function failure(leader: string, { exitCode, errors }: ExecResult): ActionError {
  const lines = errors.split("\n").filter((line) => /^(ERROR|FATAL|PANIC):|^psql: error:/.test(line));
  const said = lines.map(plainly).join("; ") || `psql ended with ${exitCode}`;
  const [, state = ""] = /^(?:ERROR|FATAL|PANIC): {2}([0-9A-Z]{5}):/m.exec(errors) ?? [];
  const passing = exitCode === 2 || mayPass(state) || concurrent.has(state);
  return new ActionError(passing ? "unreachable" : "failed", `${leader}: ${said}`);
}

/** Somebody else changed the same role at the same time: not found when looked for, there when made. */
const concurrent: ReadonlySet<string> = new Set(["23505", "42710", "XX000"]);

/** The first line of an error shows one word of the script at most, which must not be a verifier. */
function plainly(line: string): string {
  return line.replaceAll(/SCRAM-SHA-256\$[^\s'"]*/g, "SCRAM-SHA-256$…").trim();
}

/** What it answered, a row each. */
export function linesOf(rows: string): readonly string[] {
  return rows.split("\n").filter((row) => row !== "");
}
