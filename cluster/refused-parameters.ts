/** Why a parameter may not be set, and what to do instead. */
export interface Refusal {
  readonly message: string;
  readonly remedy: string;
}

const patroni = "Patroni writes this one; a value here would be overruled or break replication";
const image = "the image writes this one, with paths and names that other parts of it rely on";
const cluster = "the cluster's own parts depend on this one";
const remove = "Remove it.";

const refusals: Readonly<Record<string, Refusal>> = {
  listen_addresses: { message: patroni, remedy: "Remove it; members listen on their planned address." },
  port: {
    message: patroni,
    remedy: "Remove it; clients use endpoint.ports, members listen on 5432 among themselves.",
  },
  cluster_name: { message: patroni, remedy: "Remove it; it is the cluster's name." },
  hot_standby: { message: patroni, remedy: "Remove it; it is always on." },
  primary_conninfo: { message: patroni, remedy: remove },
  primary_slot_name: { message: patroni, remedy: remove },
  promote_trigger_file: { message: patroni, remedy: remove },
  restore_command: { message: patroni, remedy: remove },
  synchronous_standby_names: { message: patroni, remedy: "Remove it, and set synchronous.mode and .count." },
  recovery_min_apply_delay: {
    message: "every member may have to lead, and a delayed one would fail over with old data",
    remedy: "Remove it; a delayed copy is a replica, which is not yet available.",
  },
  data_directory: { message: image, remedy: remove },
  config_file: { message: image, remedy: remove },
  hba_file: { message: image, remedy: remove },
  ident_file: { message: image, remedy: remove },
  external_pid_file: { message: image, remedy: remove },
  unix_socket_directories: { message: image, remedy: remove },
  shared_preload_libraries: { message: image, remedy: remove },
  logging_collector: { message: image, remedy: "Remove it; it is always on." },
  log_destination: { message: image, remedy: "Remove it; the log is csvlog, and the log tables read it." },
  log_directory: { message: image, remedy: remove },
  log_filename: { message: image, remedy: remove },
  log_file_mode: { message: image, remedy: remove },
  log_rotation_age: { message: image, remedy: remove },
  log_truncate_on_rotation: { message: image, remedy: remove },
  ssl: { message: image, remedy: "Remove it; it is always on." },
  archive_mode: { message: cluster, remedy: "Remove it; the archive is always on." },
  archive_command: { message: cluster, remedy: "Remove it, and set backup.bucket and backup.endpoint." },
  archive_library: { message: cluster, remedy: "Remove it, and set backup.bucket and backup.endpoint." },
  archive_timeout: { message: cluster, remedy: "Remove it, and set backup.archiveTimeout." },
  wal_log_hints: { message: cluster, remedy: "Remove it; it is always on, for pg_rewind." },
  password_encryption: { message: cluster, remedy: "Remove it; it is always scram-sha-256." },
  fsync: {
    message: "without it a crash of the host can corrupt the data of the member, and of its copies",
    remedy: "Remove it; for faster commits see synchronous_commit, per transaction.",
  },
  full_page_writes: {
    message: "without it a crash can leave torn pages, and pg_rewind does not work",
    remedy: "Remove it; to write less WAL set wal_compression.",
  },
  zero_damaged_pages: {
    message: "it destroys data for good, on every member",
    remedy: "Remove it; use it by hand in one session, after a backup.",
  },
  vacuum_defer_cleanup_age: {
    message: "PostgreSQL 16 has dropped it",
    remedy: "Remove it, and set hot_standby_feedback.",
  },
};

const refusedFamilies: readonly (readonly [RegExp, Refusal])[] = [
  [/^recovery_/, { message: patroni, remedy: remove }],
  [/^ssl_/, { message: image, remedy: remove }],
  [/^(bg_mon|extwlist)\./, { message: image, remedy: remove }],
];

/** Why this parameter is never taken from a specification; undefined when it may be. */
export function refusalOf(name: string): Refusal | undefined {
  return refusals[name] ?? refusedFamilies.find(([pattern]) => pattern.test(name))?.[1];
}
