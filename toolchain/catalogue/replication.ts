import type { ReplicationGroup } from "../../cluster/parameters/catalogue.ts";

/** Where a parameter acts in replication, and what to know before it is set. */
export interface ReplicationFact {
  readonly group: ReplicationGroup;
  readonly note?: string;
}

/**
 * The parameters of PostgreSQL's chapter on replication, by the server that they act on.
 * @see https://www.postgresql.org/docs/17/runtime-config-replication.html
 */
export const replicationFacts: Readonly<Record<string, ReplicationFact>> = {
  hot_standby: { group: "standby" },
  hot_standby_feedback: {
    group: "standby",
    note: "spares queries on standbys from being cancelled, at the price of dead rows kept on the leader",
  },
  max_logical_replication_workers: { group: "subscriber", note: "counted within max_worker_processes" },
  max_replication_slots: { group: "sending", note: "with fewer than the slots that exist no server starts" },
  max_slot_wal_keep_size: {
    group: "sending",
    note: "beyond it a slot is given up, and its standby has to be made anew; -1 keeps WAL without limit",
  },
  max_standby_archive_delay: {
    group: "standby",
    note: "-1 waits for a conflicting query as long as it runs",
  },
  max_standby_streaming_delay: {
    group: "standby",
    note: "-1 waits for a conflicting query as long as it runs",
  },
  max_sync_workers_per_subscription: {
    group: "subscriber",
    note: "counted within max_logical_replication_workers",
  },
  max_wal_senders: {
    group: "sending",
    note: "a broken connection holds its sender until wal_sender_timeout; leave some room",
  },
  primary_conninfo: { group: "standby" },
  primary_slot_name: { group: "standby" },
  promote_trigger_file: { group: "standby" },
  recovery_min_apply_delay: {
    group: "standby",
    note: "delays commits by the leader's clock; ends with a promotion",
  },
  synchronous_standby_names: { group: "primary" },
  track_commit_timestamp: { group: "sending" },
  vacuum_defer_cleanup_age: { group: "primary", note: "counted in transactions" },
  wal_keep_size: { group: "sending", note: "WAL that is kept for standbys which have no slot" },
  wal_receiver_create_temp_slot: { group: "standby" },
  wal_receiver_status_interval: { group: "standby", note: "0 stops the reports" },
  wal_receiver_timeout: { group: "standby", note: "0 never gives up" },
  wal_retrieve_retry_interval: {
    group: "standby",
    note: "lower finds new WAL sooner; higher asks an archive that costs money less often",
  },
  wal_sender_timeout: { group: "sending", note: "0 never gives up" },
};
