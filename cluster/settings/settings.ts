import { canonicalValue, findParameter } from "../parameters/parameters.ts";
import type { DynamicSettings, ParameterValue } from "../plan-types.ts";
import { defaultSenders, sendersWantedBy } from "../rules/sizing.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { durationSeconds, formatQuantity, memoryMib } from "../schema/quantity.ts";
import { recoverySettings } from "./recovery.ts";
import { slotSettings } from "./slots.ts";

type Parameters = Readonly<Record<string, ParameterValue>>;

/** Patroni's `/config` document for a specification. */
export function dynamicSettings(spec: ClusterSpec): DynamicSettings {
  const { mode, count, durability } = spec.synchronous;
  const mayCopyAfresh = mode !== "off" || spec.standbyOf !== undefined;
  return {
    ...recoverySettings(spec.recovery.objective),
    // Asynchronous standbys only: a synchronous one is chosen by what it has, not by its lag.
    maximum_lag_on_failover: 1024 * 1024,
    // The leader goes on when etcd is gone, as long as it reaches every member.
    failsafe_mode: true,
    synchronous_mode: mode,
    synchronous_mode_strict: durability === "required",
    synchronous_node_count: count,
    ...slotSettings(spec),
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      // A former leader that cannot be rewound is copied afresh. What only it has was never acknowledged, where a commit
      // waits for a standby; where it does not, somebody may still want to look for it. A cluster that follows another one
      // has nothing of its own.
      remove_data_directory_on_rewind_failure: mayCopyAfresh,
      remove_data_directory_on_diverged_timelines: mayCopyAfresh,
      parameters: sorted({ ...standardParameters(spec), ...userParameters(spec, "dynamic") }),
    },
  };
}

/**
 * Parameters that Spilo sets locally, where local settings win over `/config`: they travel in SPILO_CONFIGURATION.
 * shared_buffers is always among them, because Spilo would take a quarter of the host's memory for each member.
 */
export function localParameters(spec: ClusterSpec): Parameters {
  return localParametersWith(spec, spec.resources.memory);
}

/** The same for a server that has another memory limit. */
export function localParametersWith(spec: ClusterSpec, memory: string): Parameters {
  return sorted({ shared_buffers: standardBuffers(memory), ...userParameters(spec, "member") });
}

/** A quarter of the memory limit, as PostgreSQL's manual advises. */
function standardBuffers(memory: string): ParameterValue {
  return formatQuantity(Math.floor(memoryMib(memory) / 4), "MB");
}

/**
 * The defaults of this stack. Spilo's own, of `bootstrap.dcs`, are not in force: `/config` holds these before the
 * first member starts. The shared-memory five are always written, so that a change of one has a direction.
 */
function standardParameters(spec: ClusterSpec): Parameters {
  const senders = defaultSenders(sendersWantedBy(spec));
  return {
    archive_mode: "on",
    archive_timeout: formatQuantity(durationSeconds(spec.backup.archiveTimeout), "s"),
    // A server that shuts down waits for whoever has connected and says nothing. A leader that was cut off for seconds
    // keeps its lease meanwhile, and nobody takes over: with PostgreSQL's minute, no write for 76 s.
    authentication_timeout: "10s",
    hot_standby: "on",
    // Patroni turns it on for standbys that have a copy of a slot. Declared, it is in force before there is one.
    ...(spec.logicalSlots.length === 0 ? {} : { hot_standby_feedback: "on" }),
    log_checkpoints: "on",
    log_lock_waits: "on",
    log_min_duration_statement: "1s",
    // Spilo logs DDL, and with it passwords that somebody sets in clear.
    log_statement: "none",
    max_connections: 100,
    max_locks_per_transaction: 64,
    max_prepared_transactions: 0,
    max_replication_slots: senders,
    max_wal_senders: senders,
    max_worker_processes: 8,
    ...keptForSlots(spec),
    password_encryption: "scram-sha-256",
    // A client or proxy that vanished holds its session for two minutes, not for two hours.
    tcp_keepalives_count: 6,
    tcp_keepalives_idle: "1min",
    tcp_keepalives_interval: "10s",
    track_commit_timestamp: "off",
    wal_compression: "on",
    wal_keep_size: "128MB",
    wal_level: "replica",
    wal_log_hints: "on",
    // How soon a standby looks for its new primary: until one has, no synchronous commit returns.
    wal_retrieve_retry_interval: "1s",
  };
}

/**
 * Half of a volume whose size is declared: a slot that nobody uses must not fill it, and the other half is for the data. A
 * standby whose slot is given up fetches what it has missed from the archive. Without a declared size it stays unlimited, as
 * any number would be a guess that costs a logical subscriber its place. (pg_upgrade of 17.0–17.5 fails with any other value
 * than -1.)
 */
function keptForSlots({ resources: { volume } }: ClusterSpec): Parameters {
  if (volume === undefined) return {};
  return { max_slot_wal_keep_size: formatQuantity(Math.floor(memoryMib(volume) / 2), "MB") };
}

function userParameters({ postgresql }: ClusterSpec, channel: "dynamic" | "member"): Parameters {
  const entries = Object.entries(postgresql.parameters).flatMap(([name, value]) => {
    const parameter = findParameter(name, postgresql.version);
    if (parameter?.channel !== channel) return [];
    const canonical = canonicalValue(parameter, value);
    return canonical === undefined ? [] : [[name, canonical] as const];
  });
  return Object.fromEntries(entries);
}

function sorted(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).sort(([left], [right]) => (left < right ? -1 : 1)));
}
