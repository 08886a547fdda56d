import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalValue, findParameter } from "../../cluster/parameters/parameters.ts";
import { dynamicSettings, localParameters } from "../../cluster/settings/settings.ts";
import { parameters, roomySpecification, specification } from "./specifications.ts";

describe("dynamicSettings", () => {
  it("are those of a careful administrator when nothing is asked for", () => {
    expect(dynamicSettings(specification())).toEqual({
      ttl: 30,
      loop_wait: 10,
      retry_timeout: 10,
      primary_start_timeout: 30,
      maximum_lag_on_failover: 1048576,
      failsafe_mode: true,
      synchronous_mode: "quorum",
      synchronous_mode_strict: false,
      synchronous_node_count: 1,
      postgresql: {
        use_pg_rewind: true,
        use_slots: true,
        remove_data_directory_on_rewind_failure: true,
        remove_data_directory_on_diverged_timelines: true,
        parameters: {
          archive_mode: "on",
          archive_timeout: "1min",
          authentication_timeout: "10s",
          hot_standby: "on",
          log_checkpoints: "on",
          log_lock_waits: "on",
          log_min_duration_statement: "1s",
          log_statement: "none",
          max_connections: 100,
          max_locks_per_transaction: 64,
          max_prepared_transactions: 0,
          max_replication_slots: 20,
          max_wal_senders: 20,
          max_worker_processes: 8,
          password_encryption: "scram-sha-256",
          tcp_keepalives_count: 6,
          tcp_keepalives_idle: "1min",
          tcp_keepalives_interval: "10s",
          track_commit_timestamp: "off",
          wal_compression: "on",
          wal_keep_size: "128MB",
          wal_level: "replica",
          wal_log_hints: "on",
          wal_retrieve_retry_interval: "1s",
        },
      },
    });
  });

  it("follow what is asked of synchronous commit", () => {
    const synchronous = { mode: "on", count: 2, durability: "required" };
    expect(dynamicSettings(specification({ synchronous }))).toMatchObject({
      synchronous_mode: "on",
      synchronous_mode_strict: true,
      synchronous_node_count: 2,
    });
    expect(dynamicSettings(specification({ members: 1 })).synchronous_mode).toBe("off");
  });

  it("have the user's values in one spelling, before the defaults, and without the members' own", () => {
    const written = {
      max_connections: "250",
      wal_keep_size: "2048MB",
      work_mem: "65536kB",
      shared_buffers: "1GB",
    };
    const settings = dynamicSettings(roomySpecification({ postgresql: { parameters: written } }));
    expect(settings.postgresql.parameters).toMatchObject({
      max_connections: 250,
      wal_keep_size: "2GB",
      work_mem: "64MB",
    });
    expect(settings.postgresql.parameters).not.toHaveProperty("shared_buffers");
  });

  it("hold sorted names and canonical values only, so that nothing differs by its spelling", () => {
    fc.assert(
      fc.property(parameters(), (written) => {
        const values = dynamicSettings(roomySpecification({ postgresql: { parameters: written } })).postgresql
          .parameters;
        expect(Object.keys(values)).toEqual(Object.keys(values).sort());
        for (const [name, value] of Object.entries(values)) {
          const parameter = findParameter(name);
          expect(parameter === undefined ? value : canonicalValue(parameter, value), name).toBe(value);
        }
      }),
    );
  });
});

describe("WAL that is kept for slots", () => {
  it.each([
    [{}, undefined],
    [{ resources: { volume: "100GB" } }, "50GB"],
    [{ resources: { volume: "1GB" } }, "512MB"],
    [
      { resources: { volume: "100GB" }, postgresql: { parameters: { max_slot_wal_keep_size: "10GB" } } },
      "10GB",
    ],
    [{ resources: { volume: "100GB" }, postgresql: { parameters: { max_slot_wal_keep_size: -1 } } }, -1],
  ])("of %j is %s", (written, kept) => {
    expect(dynamicSettings(specification(written)).postgresql.parameters["max_slot_wal_keep_size"]).toBe(
      kept,
    );
  });
});

describe("localParameters", () => {
  it.each([
    [{}, "512MB"],
    [{ resources: { memory: "8GB" } }, "2GB"],
    [{ resources: { memory: "300MB" } }, "75MB"],
    [{ postgresql: { parameters: { shared_buffers: 131072 } } }, "1GB"],
  ])("of %j give shared_buffers %s", (written, buffers) => {
    expect(localParameters(specification(written))).toEqual({ shared_buffers: buffers });
  });
});

describe("a former leader that cannot be rewound", () => {
  it.each([
    [{}, true],
    [{ synchronous: { mode: "on" } }, true],
    [{ synchronous: { mode: "off" } }, false],
    [{ members: 1 }, false],
  ] as const)("with %j is copied afresh: %s", (written, copied) => {
    const { postgresql } = dynamicSettings(specification(written));
    expect(postgresql.remove_data_directory_on_rewind_failure).toBe(copied);
    expect(postgresql.remove_data_directory_on_diverged_timelines).toBe(copied);
  });
});
