import type { Facts } from "../../cluster/parameters/catalogue.ts";

/** What a version has in place of what its neighbour has; `null`: it does not have the parameter. */
type Difference = Partial<Omit<Facts, "versions" | "documented">> | null;

/** A version of which no server is at hand, told by its differences from one that is. */
export interface DocumentedVersion {
  readonly version: number;
  /** The version whose server is the starting point. */
  readonly from: number;
  readonly differences: Readonly<Record<string, Difference>>;
}

const absent = null;
const kilo8 = { type: "integer", unit: "8kB" } as const;

/**
 * The versions 14, 16 and 18, from the release notes and the chapter on configuration of each.
 * @see https://www.postgresql.org/docs/release/15.0/
 * @see https://www.postgresql.org/docs/release/16.0/
 * @see https://www.postgresql.org/docs/release/17.0/
 * @see https://www.postgresql.org/docs/18/release-18.html
 */
export const documentedVersions: readonly DocumentedVersion[] = [
  {
    version: 14,
    from: 15,
    differences: {
      allow_in_place_tablespaces: absent,
      archive_library: absent,
      compute_query_id: { values: ["auto", "on", "off"] },
      hash_mem_multiplier: { default: 1 },
      log_autovacuum_min_duration: { default: -1 },
      log_checkpoints: { default: "off" },
      log_startup_progress_interval: absent,
      recovery_prefetch: absent,
      recursive_worktable_factor: absent,
      shared_memory_size: absent,
      shared_memory_size_in_huge_pages: absent,
      stats_fetch_consistency: absent,
      stats_temp_directory: {
        type: "string",
        context: "sighup",
        default: "pg_stat_tmp",
      },
      wal_compression: { type: "bool" },
      wal_decode_buffer_size: absent,
    },
  },
  {
    version: 16,
    from: 17,
    differences: {
      allow_alter_system: absent,
      commit_timestamp_buffers: absent,
      db_user_namespace: { type: "bool", context: "sighup", default: "off" },
      enable_group_by_reordering: absent,
      event_triggers: absent,
      file_extend_method: absent,
      huge_pages_status: absent,
      io_combine_limit: absent,
      maintenance_work_mem: { min: 1024 },
      max_notify_queue_pages: absent,
      multixact_member_buffers: absent,
      multixact_offset_buffers: absent,
      notify_buffers: absent,
      old_snapshot_threshold: {
        type: "integer",
        unit: "min",
        context: "postmaster",
        min: -1,
        max: 86400,
        default: -1,
      },
      output_plugin_libraries: absent,
      serializable_buffers: absent,
      subtransaction_buffers: absent,
      summarize_wal: absent,
      sync_replication_slots: absent,
      synchronized_standby_slots: absent,
      trace_connection_negotiation: absent,
      trace_recovery_messages: {
        type: "enum",
        context: "sighup",
        values: ["debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error"],
        default: "log",
      },
      transaction_buffers: absent,
      transaction_timeout: absent,
      vacuum_buffer_usage_limit: { default: 256 },
      wal_summary_keep_time: absent,
    },
  },
  {
    version: 18,
    from: 17,
    differences: {
      autovacuum_max_workers: { context: "sighup" },
      autovacuum_vacuum_max_threshold: {
        type: "integer",
        context: "sighup",
        min: -1,
        max: 2147483647,
        default: 100000000,
      },
      autovacuum_worker_slots: { type: "integer", context: "postmaster", min: 1, max: 262143, default: 16 },
      effective_io_concurrency: { default: 16 },
      enable_distinct_reordering: { type: "bool", context: "user", default: "on" },
      enable_self_join_elimination: { type: "bool", context: "user", default: "on" },
      extension_control_path: { type: "string", context: "superuser", default: "$system" },
      extension_destdir: absent,
      file_copy_method: { type: "enum", context: "user", values: ["copy", "clone"], default: "copy" },
      idle_replication_slot_timeout: {
        type: "integer",
        unit: "s",
        context: "sighup",
        min: 0,
        max: 2147483647,
        default: 0,
      },
      io_combine_limit: { max: 128 },
      io_max_combine_limit: { ...kilo8, context: "postmaster", min: 1, max: 128, default: 16 },
      io_max_concurrency: { type: "integer", context: "postmaster", min: -1, max: 1024, default: -1 },
      io_method: {
        type: "enum",
        context: "postmaster",
        values: ["sync", "worker", "io_uring"],
        default: "worker",
      },
      io_workers: { type: "integer", context: "sighup", min: 1, max: 32, default: 3 },
      log_connections: { type: "string", default: "" },
      log_lock_failures: { type: "bool", context: "superuser", default: "off" },
      log_rotation_size: { max: 2147483647 },
      maintenance_io_concurrency: { default: 16 },
      max_active_replication_origins: {
        type: "integer",
        context: "postmaster",
        min: 0,
        max: 262143,
        default: 10,
      },
      md5_password_warnings: { type: "bool", context: "user", default: "on" },
      num_os_semaphores: { type: "integer", context: "internal", min: 0, max: 2147483647, default: 0 },
      oauth_validator_libraries: { type: "string", context: "sighup", default: "" },
      ssl_ecdh_curve: absent,
      ssl_groups: { type: "string", context: "sighup", default: "X25519:prime256v1" },
      ssl_tls13_ciphers: { type: "string", context: "sighup", default: "" },
      track_cost_delay_timing: { type: "bool", context: "superuser", default: "off" },
      vacuum_max_eager_freeze_failure_rate: { type: "real", context: "user", min: 0, max: 1, default: 0.03 },
      vacuum_truncate: { type: "bool", context: "user", default: "on" },
    },
  },
];
