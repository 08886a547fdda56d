import type { SpecIssue } from "../schema/spec-error.ts";
import { findEntry } from "./catalogue.ts";

/** Why a parameter may not be set, and what to do instead. */
export interface Refusal extends Pick<SpecIssue, "message" | "remedy"> {
  /** It is always this; whoever writes so says nothing new, and is not refused. */
  readonly always?: "on" | "off";
}

const patroni = "Patroni writes this one; a value here would be overruled or break replication";
const image = "the image writes this one, with paths and names that other parts of it rely on";
const cluster = "the cluster's own parts depend on this one";
const library = "a library that one member lacks stops every session there, Patroni's as well";
const session = "belongs to a session or a transaction: no configuration file may have it";
const remove = "Remove it.";
const setForRole = "Remove it, and set it for a role or a database: ALTER ROLE … SET, ALTER DATABASE … SET.";
const inSession = "Remove it, and set it in the session.";

const refusals: Readonly<Record<string, Refusal>> = {
  listen_addresses: { message: patroni, remedy: "Remove it; members listen on their planned address." },
  port: {
    message: patroni,
    remedy: "Remove it; clients use endpoint.ports, members listen on 5432 among themselves.",
  },
  cluster_name: { message: patroni, remedy: "Remove it; it is the cluster's name." },
  hot_standby: { message: patroni, remedy: "Remove it; it is always on.", always: "on" },
  primary_conninfo: { message: patroni, remedy: remove },
  primary_slot_name: { message: patroni, remedy: remove },
  promote_trigger_file: { message: patroni, remedy: remove },
  restore_command: { message: patroni, remedy: remove },
  synchronous_standby_names: { message: patroni, remedy: "Remove it, and set synchronous.mode and .count." },
  recovery_min_apply_delay: {
    message: "every member may have to lead, and a delayed one would fail over with old data",
    remedy: "Remove it; a delayed copy is one of replicas, with applyDelay.",
  },
  data_directory: { message: image, remedy: remove },
  config_file: { message: image, remedy: remove },
  hba_file: { message: image, remedy: remove },
  ident_file: { message: image, remedy: remove },
  external_pid_file: { message: image, remedy: remove },
  stats_temp_directory: { message: image, remedy: remove },
  extension_control_path: { message: image, remedy: remove },
  extension_destdir: { message: image, remedy: remove },
  dynamic_library_path: { message: image, remedy: remove },
  jit_provider: { message: image, remedy: remove },
  krb_server_keyfile: { message: image, remedy: remove },
  local_preload_libraries: { message: library, remedy: setForRole },
  oauth_validator_libraries: { message: image, remedy: remove },
  session_preload_libraries: { message: library, remedy: setForRole },
  shared_preload_libraries: { message: image, remedy: remove },
  logging_collector: { message: image, remedy: "Remove it; it is always on." },
  log_destination: { message: image, remedy: "Remove it; the log is csvlog, and the log tables read it." },
  log_directory: { message: image, remedy: remove },
  log_filename: { message: image, remedy: remove },
  log_file_mode: { message: image, remedy: remove },
  log_rotation_age: { message: image, remedy: remove },
  log_truncate_on_rotation: { message: image, remedy: remove },
  ssl: { message: image, remedy: "Remove it; it is always on." },
  archive_cleanup_command: { message: cluster, remedy: "Remove it, and set backup.retainDays." },
  archive_mode: { message: cluster, remedy: "Remove it; the archive is always on." },
  archive_command: { message: cluster, remedy: "Remove it, and set backup.bucket and backup.endpoint." },
  archive_library: { message: cluster, remedy: "Remove it, and set backup.bucket and backup.endpoint." },
  archive_timeout: { message: cluster, remedy: "Remove it, and set backup.archiveTimeout." },
  wal_log_hints: {
    message: "without it pg_rewind cannot take back a former leader's own commits",
    remedy: "Remove it; it is always on.",
    always: "on",
  },
  password_encryption: { message: cluster, remedy: "Remove it; it is always scram-sha-256." },
  fsync: {
    message: "without it a crash of the host can corrupt the data of the member, and of its copies",
    remedy: "Remove it; for faster commits see synchronous_commit, per transaction.",
    always: "on",
  },
  full_page_writes: {
    message: "without it a crash can leave torn pages, and pg_rewind does not work",
    remedy: "Remove it; to write less WAL set wal_compression.",
    always: "on",
  },
  data_sync_retry: {
    message: "with it a page that could not be written is believed to be written, and is lost",
    remedy: "Remove it; it is always off, and after such a failure the server recovers from its WAL.",
    always: "off",
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
  [
    /^(role|seed|session_authorization|transaction_(deferrable|isolation|read_only))$/,
    { message: session, remedy: inSession },
  ],
  [/^bonjour/, { message: "is not part of PostgreSQL for Linux", remedy: remove }],
  [/^unix_socket_/, { message: image, remedy: remove }],
  [/^recovery_/, { message: patroni, remedy: remove }],
  [/^ssl_/, { message: image, remedy: remove }],
  [/^(bg_mon|extwlist)\./, { message: image, remedy: remove }],
];

/** Why this parameter is never taken from a specification; undefined when it may be. */
export function refusalOf(name: string): Refusal | undefined {
  return (
    refusals[name] ?? refusedFamilies.find(([pattern]) => pattern.test(name))?.[1] ?? refusedByNature(name)
  );
}

/** Why one value of a parameter that may be set is refused. @param value as `canonicalValue` spells it */
export function refusedValue(name: string, value: unknown): Refusal | undefined {
  return refusedValues.find((refused) => refused.name === name && refused.value === value)?.refusal;
}

const refusedValues: readonly { readonly name: string; readonly value: string; readonly refusal: Refusal }[] =
  [
    {
      name: "wal_level",
      value: "minimal",
      refusal: {
        message: "with it there is no WAL for standbys, and none for the archive",
        remedy: "Remove it: then it is replica. Logical replication takes logical.",
      },
    },
  ];

function refusedByNature(name: string): Refusal | undefined {
  const entry = findEntry(name);
  if (entry?.facts.every(({ context }) => context === "internal")) {
    return { message: "is shown, and cannot be set", remedy: remove };
  }
  // "should never be used on a production database", says PostgreSQL's manual of all that stand there.
  if (entry?.category === "Developer Options") {
    return { message: "is there for PostgreSQL's developers, not for servers with data", remedy: remove };
  }
  return undefined;
}
