import { z } from "zod";
import { ActionError } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
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
}

/** What only the leader's PostgreSQL knows. */
export interface ServerFacts {
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
  { operator, access }: ClusterHandle,
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
 * @see https://www.postgresql.org/docs/current/view-pg-replication-slots.html
 * @see https://www.postgresql.org/docs/current/monitoring-stats.html
 */
const question = `
with here as (
  select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end as lsn
)
select json_build_object(
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
      'waiting', (select count(*) from pg_ls_archive_statusdir() where name like '%.ready')
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
