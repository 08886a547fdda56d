import type { Parameter } from "./parameters.ts";

/**
 * Where what may be set is narrower than what PostgreSQL takes, or the default is another one, and why.
 *
 * Patroni puts its own default in place of a value outside its range, with nothing but a line in its log.
 * @see https://github.com/patroni/patroni/blob/v4.0.4/patroni/postgresql/config.py CMDLINE_OPTIONS
 */
export const narrowed: Readonly<Record<string, Narrowing>> = {
  // Patroni's ranges, and its default.
  max_connections: { min: 25 },
  max_locks_per_transaction: { min: 32 },
  max_replication_slots: { min: 4 },
  max_wal_senders: { min: 3 },
  max_worker_processes: { min: 2 },
  wal_keep_size: { min: 16, default: "128MB" },
  wal_level: { values: ["replica", "logical"] },
  // What Patroni has for 17, and what its first releases take.
  maintenance_work_mem: { min: 1024 },
  // Two segments at least, and a segment has 16MB: with less a server does not start.
  max_wal_size: { min: 32 },
  min_wal_size: { min: 32 },
  // PostgreSQL wants 512kB of the stack for itself, and a container's stack has 8MB.
  max_stack_depth: { max: 7680 },
  // What servers look at besides the range: with another value they do not start.
  commit_timestamp_buffers: { step: 16 },
  multixact_member_buffers: { step: 16 },
  multixact_offset_buffers: { step: 16 },
  notify_buffers: { step: 16 },
  serializable_buffers: { step: 16 },
  subtransaction_buffers: { step: 16 },
  transaction_buffers: { step: 16 },
  vacuum_buffer_usage_limit: { min: 128, besides: 0 },
  // Servers raise what is less to this, and would not be found to have what was asked for.
  autovacuum_work_mem: { min: 64, besides: -1 },
  wal_buffers: { min: 4, besides: -1 },
  // Texts that servers look at: with another one they do not start.
  lc_messages: { form: "word", default: "C" },
  lc_monetary: { form: "word" },
  lc_numeric: { form: "word" },
  lc_time: { form: "word" },
  log_timezone: { form: "time zone" },
  timezone: { form: "time zone" },
  timezone_abbreviations: { form: "word", default: "Default" },
};

type Narrowing = Partial<Pick<Parameter, "min" | "max" | "values" | "default" | "step" | "besides" | "form">>;

/** What Spilo sets locally, where local settings win over `/config`, and what may be set all the same. */
export const memberChannel: ReadonlySet<string> = new Set([
  "pg_stat_statements.track_utility",
  "shared_buffers",
]);
