import { ActionError, unlessPassing } from "../action-error.ts";
import type { ContainerExec } from "../engine/container-exec.ts";
import type { ContainerLog } from "../engine/container-log.ts";
import { findCluster, leaderOf } from "../patroni/find-cluster.ts";
import type { PatroniClient } from "../patroni/patroni-client.ts";
import { leaderSql, linesOf } from "../sql/leader-sql.ts";
import { type Clock, waitFor } from "../wait.ts";

export interface RestoredOptions {
  readonly members: readonly { readonly name: string; readonly restUrl: string; readonly engine: string }[];
  /** With credentials. */
  readonly patroni: PatroniClient;
  /** Runs a program in the container of that member. */
  readonly execOn: (member: string) => ContainerExec;
  readonly log: ContainerLog;
  readonly deadlineMs: number;
  readonly report: (line: string) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** How far a cluster was restored. */
export interface RestoredTo {
  readonly leader: string;
  /** Of the last commit in it, as the server writes times; undefined: none was replayed. */
  readonly lastCommit: string | undefined;
  /** Where what it writes itself begins. */
  readonly position: string | undefined;
}

/**
 * Waits until a member has replayed the archive and leads, and has it forget that it did: PostgreSQL still runs with what it
 * was recovered with, up to which point, and refusing readers if it were a standby, and takes that back when it restarts.
 *
 * @throws ActionError `refused` when the archive does not reach the target; `failed` with what the members say when it
 *   cannot be read again and again; `deadline`.
 */
export async function restored(options: RestoredOptions): Promise<RestoredTo> {
  const { members, patroni, report, deadlineMs, clock, signal } = options;
  const urls = members.map(({ restUrl }) => restUrl);
  let told = "";
  const leader = await waitFor(
    { what: "the archive is replayed", deadlineMs, everyMs: 500, clock, signal },
    async () => {
      const view = await findCluster(patroni, urls).then((found) => found.view, unlessPassing(undefined));
      const found = view && leaderOf(view);
      if (found !== undefined) return { found: found.name };
      for (const member of members) await failIfHopeless(options, member);
      const states = (view?.members ?? []).map(({ name, state }) => `${name} is ${state}`);
      const pending = states.length === 0 ? "no member answers yet" : `nobody leads: ${states.join(", ")}`;
      if (pending !== told) report(pending);
      told = pending;
      return { pending };
    },
  );
  await forgetRecovery(options, leader);
  const said = await serverLog(options, leader);
  return {
    leader,
    lastCommit: lastOf(said, /last completed transaction was at log time ([^"]+)/g),
    position: lastOf(said, /redo done at ([0-9A-F]+\/[0-9A-F]+)/g),
  };
}

async function forgetRecovery(options: RestoredOptions, leader: string): Promise<void> {
  const sql = leaderSql({ ...options, what: "the restored server answers", deadlineMs: RESTART_MS });
  const waiting = "select name from pg_catalog.pg_settings where pending_restart";
  const { restUrl = "" } = options.members.find(({ name }) => name === leader) ?? {};
  if (linesOf(await sql("postgres", waiting)).length > 0) await options.patroni.restart(restUrl, RESTART_MS);
}

/** A shutdown checkpoint, and Patroni's own limit for a start, may take this long. */
const RESTART_MS = 330_000;

/** What Patroni tries for ever, and what nobody waits for. */
async function failIfHopeless(
  options: RestoredOptions,
  { name, engine }: RestoredOptions["members"][number],
): Promise<void> {
  const said = await serverLog(options, name);
  if (said.includes("recovery ended before configured recovery target was reached")) {
    const last =
      lastOf(said, /last completed transaction was at log time ([^"]+)/g) ?? "that of the base backup";
    throw new ActionError(
      "refused",
      `restoreFrom: no commit after the target is in the archive, so PostgreSQL cannot know that it is reached; ` +
        `the last one is ${last}. Take this cluster down, which holds nothing yet, and ask for a time before that, or for latest: true`,
    );
  }
  if (said.includes("requested recovery stop point is before consistent recovery point")) {
    throw new ActionError(
      "refused",
      "restoreFrom: the target is before the end of the base backup. Take this cluster down, which holds nothing yet, and ask for a later one",
    );
  }
  const log = await options.log(engine, name, 500).catch(unlessPassing(""));
  const tries = log.split("Running custom bootstrap script").length - 1;
  if (tries < TRIES) return;
  const reasons = log.split("\n").filter((line) => /wal-g:|\berror\b|Exception|no base backup/i.test(line));
  throw new ActionError(
    "failed",
    `${name}: the archive could not be read ${tries} times: ${reasons.slice(-3).join(" | ").slice(-600)}. ` +
      `docker logs ${name} says more; run \`pulumi up\` again when that is put right`,
  );
}

const TRIES = 4;

/** What the server says of its recovery; it has a log of its own, which outlives an attempt. */
async function serverLog({ execOn }: RestoredOptions, member: string): Promise<string> {
  const words =
    "last completed transaction|redo done at|recovery target was reached|consistent recovery point";
  const command = `grep -hE '${words}' "\${PGLOG:-/home/postgres/pgdata/pgroot/pg_log}"/*.csv 2>/dev/null || true`;
  const run = { user: "postgres", timeoutMs: 30_000 };
  const { output } = await execOn(member)(member, ["sh", "-c", command], run).catch(
    unlessPassing({ output: "" }),
  );
  return output;
}

function lastOf(text: string, pattern: RegExp): string | undefined {
  return [...text.matchAll(pattern)].at(-1)?.[1];
}
