import { z } from "zod";
import { ActionError } from "../action-error.ts";
import type { OperatingHandle } from "../handle.ts";
import { withSql } from "../sql/sql-client.ts";

/** A replication slot of the leader's. */
export interface SlotReport {
  readonly name: string;
  readonly type: "physical" | "logical";
  readonly active: boolean;
  /** Bytes of WAL that are kept for it; null: none yet. */
  readonly retainedBytes: number | null;
  /** reserved, extended, unreserved or lost; null: it has reserved none. */
  readonly walStatus: string | null;
}

/** How the leader's archiver gets on. Counted from the start of its statistics, which a failover begins anew. */
export interface ArchiverReport {
  readonly lastWal: string | null;
  /** Seconds since then. */
  readonly lastSeconds: number | null;
  readonly archived: number;
  readonly failures: number;
  readonly lastFailedWal: string | null;
  readonly lastFailedSeconds: number | null;
  /** WAL files that are finished and not archived yet. */
  readonly waiting: number;
  /** For how long the oldest of them has been; null: none waits. */
  readonly oldestWaitingSeconds: number | null;
  /**
   * When the last archived WAL file was finished, ISO 8601 by the server's clock: what was committed by then can be
   * restored. Null: none was archived yet.
   */
  readonly upTo: string | null;
  /** `archive_timeout`: a WAL file that has anything in it is finished after that time at the latest; 0: it is not. */
  readonly timeoutSeconds: number;
}

/** What the leader of a cluster that follows another one has of it. */
export interface SourceReport {
  /** It has a connection to the other cluster. */
  readonly streams: boolean;
  /** Bytes of WAL that the other cluster has told of and that are not replayed; null: it has told nothing. */
  readonly lagBytes: number | null;
  /** Seconds since the other cluster was heard last; null: there is no connection. */
  readonly heardSeconds: number | null;
  /** Seconds since the last commit that is here was made; null: none was replayed. */
  readonly lastCommitSeconds: number | null;
}

/** What only the leader's PostgreSQL knows. */
export interface ServerFacts {
  /** Null: it follows no other cluster. */
  readonly source?: SourceReport | null | undefined;
  readonly slots: readonly SlotReport[];
  readonly archiver: ArchiverReport;
  /** By the standby's name. */
  readonly standbys: readonly {
    readonly name: string;
    readonly lagBytes: number | null;
    readonly lagSeconds: number | null;
  }[];
}

const facts = z.object({
  source: z
    .object({
      streams: z.boolean(),
      lagBytes: z.number().nullable(),
      heardSeconds: z.number().nullable(),
      lastCommitSeconds: z.number().nullable(),
    })
    .nullish(),
  slots: z.array(
    z.object({
      name: z.string(),
      type: z.enum(["physical", "logical"]),
      active: z.boolean(),
      retainedBytes: z.number().nullable(),
      walStatus: z.string().nullable(),
    }),
  ),
  archiver: z.object({
    lastWal: z.string().nullable(),
    lastSeconds: z.number().nullable(),
    archived: z.number(),
    failures: z.number(),
    lastFailedWal: z.string().nullable(),
    lastFailedSeconds: z.number().nullable(),
    waiting: z.number(),
    oldestWaitingSeconds: z.number().nullable(),
    upTo: z.string().nullable(),
    timeoutSeconds: z.number(),
  }),
  standbys: z.array(
    z.object({ name: z.string(), lagBytes: z.number().nullable(), lagSeconds: z.number().nullable() }),
  ),
});

const answer = z.tuple([z.object({ facts })]);

/**
 * Asks the leader as the operator, who is in `pg_monitor`.
 *
 * @throws ActionError as `withSql` does; `failed` when the answer is none.
 */
export async function readServerFacts(
  { operator, access }: Pick<OperatingHandle, "operator" | "access">,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<ServerFacts> {
  const login = { host, port, ...operator, database: "postgres", access };
  const rows = await withSql(login, "spilo-status", async (client) => (await client.query(question)).rows);
  const parsed = answer.safeParse(rows);
  if (parsed.success) return parsed.data[0].facts;
  const where = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new ActionError("failed", `${host}:${port}: the answer is not what was asked for: ${where}`);
}

/**
 * All in one statement, so that it is of one moment. A standby that leads others (of another cluster) writes no WAL of
 * its own, so what it has replayed counts there. Temporary slots are base backups on their way.
 *
 * A WAL file is marked as ready the moment it is finished; archived, the mark is renamed and keeps its time. It goes with
 * its file, which is kept for a while.
 *
 * @see https://www.postgresql.org/docs/current/view-pg-replication-slots.html
 * @see https://www.postgresql.org/docs/current/monitoring-stats.html
 */
const question = `
with here as (
  select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end as lsn
), mark as materialized (
  select name, modification from pg_ls_archive_statusdir()
)
select json_build_object(
  'source', case when pg_is_in_recovery() then json_build_object(
    'streams', exists (select from pg_stat_wal_receiver where status = 'streaming'),
    'lagBytes', (select greatest(pg_wal_lsn_diff(latest_end_lsn, here.lsn), 0) from pg_stat_wal_receiver, here),
    'heardSeconds', (select extract(epoch from now() - last_msg_receipt_time) from pg_stat_wal_receiver),
    'lastCommitSeconds', extract(epoch from now() - pg_last_xact_replay_timestamp())
  ) end,
  'slots', (
    select coalesce(json_agg(json_build_object(
      'name', slot_name,
      'type', slot_type,
      'active', active,
      'retainedBytes', pg_wal_lsn_diff(here.lsn, restart_lsn),
      'walStatus', wal_status
    ) order by slot_name), '[]')
    from pg_replication_slots, here where not temporary
  ),
  'archiver', (
    select json_build_object(
      'lastWal', last_archived_wal,
      'lastSeconds', extract(epoch from now() - last_archived_time),
      'archived', archived_count,
      'failures', failed_count,
      'lastFailedWal', last_failed_wal,
      'lastFailedSeconds', extract(epoch from now() - last_failed_time),
      'waiting', (select count(*) from mark where name like '%.ready'),
      'oldestWaitingSeconds', (
        select max(greatest(extract(epoch from now() - modification), 0)) from mark where name like '%.ready'
      ),
      'upTo', to_char(
        coalesce((select modification from mark where name = last_archived_wal || '.done'), last_archived_time)
        at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
      ),
      'timeoutSeconds', extract(epoch from current_setting('archive_timeout')::interval)
    )
    from pg_stat_archiver
  ),
  'standbys', (
    select coalesce(json_agg(json_build_object(
      'name', application_name,
      'lagBytes', greatest(pg_wal_lsn_diff(here.lsn, replay_lsn), 0),
      'lagSeconds', extract(epoch from replay_lag)
    ) order by application_name), '[]')
    from pg_stat_replication, here
  )
) as facts`;
