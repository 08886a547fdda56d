import type { ParameterValue } from "./plan-types.ts";
import type { Unit } from "./quantity.ts";

/** When PostgreSQL takes a changed value: `postmaster` takes a restart, all others a reload. */
type Context = "postmaster" | "sighup" | "superuser" | "user" | "backend";

/**
 * How a value reaches the servers. `dynamic`: through Patroni's `/config`, changed at run time. `member`: through
 * SPILO_CONFIGURATION, because Spilo sets it locally and local settings win; a change replaces the members.
 */
type Channel = "dynamic" | "member";

/** A parameter that may be set. */
export interface Parameter {
  readonly name: string;
  readonly type: "bool" | "integer" | "real" | "enum" | "string";
  readonly context: Context;
  readonly channel: Channel;
  /** What is in force when nothing is set. */
  readonly default: ParameterValue;
  readonly unit?: Unit;
  readonly min?: number;
  readonly max?: number;
  /** The words that an enum takes. */
  readonly values?: readonly string[];
  /** The first major version that has it; all of 14–18 when absent. */
  readonly since?: number;
}

type Limits = Partial<Pick<Parameter, "unit" | "since" | "channel">>;

const largest = 2147483647;
const largestBackends = 262143;

/**
 * The parameters that may be set. Ranges are PostgreSQL 17's, and Patroni's own where those are narrower: a value
 * outside them Patroni replaces by the default, with nothing but a line in its log.
 * @see https://github.com/patroni/patroni/blob/v4.0.4/patroni/postgresql/config.py CMDLINE_OPTIONS
 */
export const catalogue: readonly Parameter[] = [
  // The shared-memory five and what else is taken at the start only.
  integer("max_connections", "postmaster", 25, largestBackends, 100),
  integer("max_wal_senders", "postmaster", 3, largestBackends, 10),
  integer("max_worker_processes", "postmaster", 2, largestBackends, 8),
  integer("max_prepared_transactions", "postmaster", 0, largestBackends, 0),
  integer("max_locks_per_transaction", "postmaster", 32, largest, 64),
  integer("max_replication_slots", "postmaster", 4, largestBackends, 10),
  integer("max_logical_replication_workers", "postmaster", 0, largestBackends, 4),
  integer("autovacuum_max_workers", "postmaster", 1, largestBackends, 3),
  integer("autovacuum_freeze_max_age", "postmaster", 100_000, 2_000_000_000, 200_000_000),
  integer("superuser_reserved_connections", "postmaster", 0, largestBackends, 3),
  integer("reserved_connections", "postmaster", 0, largestBackends, 0, { since: 16 }),
  integer("wal_buffers", "postmaster", -1, 262143, -1, { unit: "8kB" }),
  integer("track_activity_query_size", "postmaster", 100, 1048576, "1kB", { unit: "B" }),
  integer("shared_buffers", "postmaster", 16, 1073741823, "128MB", { unit: "8kB", channel: "member" }),
  choice("wal_level", "postmaster", ["replica", "logical"], "replica"),
  choice("huge_pages", "postmaster", ["off", "on", "try"], "try"),
  bool("track_commit_timestamp", "postmaster", "off"),

  // Memory and planning.
  integer("work_mem", "user", 64, largest, "4MB", { unit: "kB" }),
  integer("maintenance_work_mem", "user", 1024, largest, "64MB", { unit: "kB" }),
  integer("autovacuum_work_mem", "sighup", -1, largest, -1, { unit: "kB" }),
  integer("temp_file_limit", "superuser", -1, largest, -1, { unit: "kB" }),
  integer("effective_cache_size", "user", 1, largest, "4GB", { unit: "8kB" }),
  integer("effective_io_concurrency", "user", 0, 1000, 1),
  integer("default_statistics_target", "user", 1, 10000, 100),
  real("random_page_cost", "user", 0, Number.MAX_VALUE, 4),
  real("seq_page_cost", "user", 0, Number.MAX_VALUE, 1),
  bool("jit", "user", "on"),
  integer("max_parallel_workers", "user", 0, 1024, 8),
  integer("max_parallel_workers_per_gather", "user", 0, 1024, 2),
  integer("max_parallel_maintenance_workers", "user", 0, 1024, 2),

  // WAL and checkpoints. The segment size is 16MB, and the servers want at least two of them.
  integer("max_wal_size", "sighup", 32, largest, "1GB", { unit: "MB" }),
  integer("min_wal_size", "sighup", 32, largest, "80MB", { unit: "MB" }),
  integer("wal_keep_size", "sighup", 16, largest, "128MB", { unit: "MB" }),
  integer("max_slot_wal_keep_size", "sighup", -1, largest, -1, { unit: "MB" }),
  integer("checkpoint_timeout", "sighup", 30, 86400, "5min", { unit: "s" }),
  real("checkpoint_completion_target", "sighup", 0, 1, 0.9),
  choice("wal_compression", "superuser", ["off", "on", "pglz", "lz4", "zstd"], "off"),
  bool("summarize_wal", "sighup", "off", { since: 17 }),
  choice("synchronous_commit", "user", ["off", "local", "remote_write", "on", "remote_apply"], "on"),

  // Replication.
  bool("hot_standby_feedback", "sighup", "off"),
  integer("max_standby_archive_delay", "sighup", -1, largest, "30s", { unit: "ms" }),
  integer("max_standby_streaming_delay", "sighup", -1, largest, "30s", { unit: "ms" }),
  integer("wal_sender_timeout", "user", 0, largest, "1min", { unit: "ms" }),
  integer("wal_receiver_timeout", "sighup", 0, largest, "1min", { unit: "ms" }),
  integer("wal_receiver_status_interval", "sighup", 0, 2147483, "10s", { unit: "s" }),
  integer("wal_retrieve_retry_interval", "sighup", 1, largest, "5s", { unit: "ms" }),
  integer("max_sync_workers_per_subscription", "sighup", 0, largestBackends, 2),

  // Vacuum.
  bool("autovacuum", "sighup", "on"),
  integer("autovacuum_naptime", "sighup", 1, 2147483, "1min", { unit: "s" }),
  integer("autovacuum_vacuum_threshold", "sighup", 0, largest, 50),
  integer("autovacuum_analyze_threshold", "sighup", 0, largest, 50),
  integer("autovacuum_vacuum_cost_limit", "sighup", -1, 10000, -1),
  real("autovacuum_vacuum_scale_factor", "sighup", 0, 100, 0.2),
  real("autovacuum_analyze_scale_factor", "sighup", 0, 100, 0.1),
  real("autovacuum_vacuum_cost_delay", "sighup", -1, 100, 2, { unit: "ms" }),

  // Sessions.
  integer("statement_timeout", "user", 0, largest, 0, { unit: "ms" }),
  integer("lock_timeout", "user", 0, largest, 0, { unit: "ms" }),
  integer("deadlock_timeout", "superuser", 1, largest, "1s", { unit: "ms" }),
  integer("idle_in_transaction_session_timeout", "user", 0, largest, 0, { unit: "ms" }),
  integer("idle_session_timeout", "user", 0, largest, 0, { unit: "ms" }),
  integer("transaction_timeout", "user", 0, largest, 0, { unit: "ms", since: 17 }),
  integer("tcp_keepalives_idle", "user", 0, largest, 0, { unit: "s" }),
  integer("tcp_keepalives_interval", "user", 0, largest, 0, { unit: "s" }),
  integer("tcp_keepalives_count", "user", 0, largest, 0),

  // Statistics and log. Where the log goes is Spilo's: its log tables read those files.
  bool("track_io_timing", "superuser", "off"),
  choice("track_functions", "superuser", ["none", "pl", "all"], "none"),
  bool("log_checkpoints", "sighup", "on"),
  bool("log_lock_waits", "superuser", "off"),
  integer("log_min_duration_statement", "superuser", -1, largest, -1, { unit: "ms" }),
  integer("log_autovacuum_min_duration", "sighup", -1, largest, "10min", { unit: "ms" }),
  integer("log_temp_files", "superuser", -1, largest, -1, { unit: "kB" }),
  choice("log_statement", "superuser", ["none", "ddl", "mod", "all"], "none"),
  bool("log_connections", "backend", "off"),
  bool("log_disconnections", "backend", "off"),
];

function integer(
  name: string,
  context: Context,
  min: number,
  max: number,
  standard: ParameterValue,
  limits: Limits = {},
): Parameter {
  return { name, type: "integer", context, channel: "dynamic", min, max, default: standard, ...limits };
}

function real(
  name: string,
  context: Context,
  min: number,
  max: number,
  standard: number,
  limits: Limits = {},
): Parameter {
  return { name, type: "real", context, channel: "dynamic", min, max, default: standard, ...limits };
}

function bool(name: string, context: Context, standard: "on" | "off", limits: Limits = {}): Parameter {
  return { name, type: "bool", context, channel: "dynamic", default: standard, ...limits };
}

function choice(name: string, context: Context, values: readonly string[], standard: string): Parameter {
  return { name, type: "enum", context, channel: "dynamic", values, default: standard };
}
