import { describe, expect, it } from "vitest";
import { type ClusterPlan, planCluster } from "../../cluster/index.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";
import { roomySpecification, specification } from "./specifications.ts";

const certificate = "-----BEGIN CERTIFICATE-----\nMIIBejCCAR+gAwIBAgIB\n-----END CERTIFICATE-----\n";

const newest = "registry.example/spilo-18:1";

/** What is written, and what the members run with. */
const parameters: readonly (readonly [
  title: string,
  written: object,
  inForce: Record<string, ParameterValue>,
])[] = [
  ["a quantity in its unit", { work_mem: "64MB" }, { work_mem: "64MB" }],
  ["a quantity in another unit", { work_mem: "65536kB" }, { work_mem: "64MB" }],
  ["a plain number in the parameter's unit", { work_mem: 65536 }, { work_mem: "64MB" }],
  ["a fraction of a unit", { work_mem: "1.5GB" }, { work_mem: "1536MB" }],
  ["a duration in minutes", { checkpoint_timeout: "15min" }, { checkpoint_timeout: "15min" }],
  ["a duration that fits a larger unit", { statement_timeout: "120s" }, { statement_timeout: "2min" }],
  ["zero, which switches off", { statement_timeout: 0 }, { statement_timeout: 0 }],
  ["minus one, which has a meaning of its own", { autovacuum_work_mem: -1 }, { autovacuum_work_mem: -1 }],
  ["on and off as YAML reads them", { jit: false, autovacuum: true }, { jit: "off", autovacuum: "on" }],
  ["on and off as people write them", { jit: "No", autovacuum: "yes" }, { jit: "off", autovacuum: "on" }],
  ["a word in capitals", { wal_level: "LOGICAL" }, { wal_level: "logical" }],
  ["a word that YAML reads as on", { wal_compression: true }, { wal_compression: "on" }],
  ["a compression", { wal_compression: "zstd" }, { wal_compression: "zstd" }],
  ["a real number", { random_page_cost: 1.1 }, { random_page_cost: 1.1 }],
  ["a number as a text", { max_connections: "250" }, { max_connections: 250 }],
  ["a text", { search_path: "app, public" }, { search_path: "app, public" }],
  ["a time zone", { timezone: "Europe/Berlin" }, { timezone: "Europe/Berlin" }],
  ["an empty text", { default_tablespace: "" }, { default_tablespace: "" }],
  ["a text with a quote", { log_line_prefix: "it's %m " }, { log_line_prefix: "it's %m " }],
  ["what Spilo sets for itself", { shared_buffers: "1GB" }, { shared_buffers: "1GB" }],
  ["an extension that is loaded", { "pg_stat_statements.max": 10_000 }, { "pg_stat_statements.max": 10_000 }],
  ["a number at a step", { transaction_buffers: "1MB" }, { transaction_buffers: "1MB" }],
  ["zero beside a gap", { vacuum_buffer_usage_limit: 0 }, { vacuum_buffer_usage_limit: 0 }],
  [
    "a promise that is said again",
    { fsync: "on", full_page_writes: true, wal_log_hints: "on" },
    { wal_log_hints: "on" },
  ],
  ["the least that Patroni takes", { max_connections: 25 }, { max_connections: 25 }],
];

/** What is written, and what of the plan follows from it. */
const plans: readonly (readonly [title: string, written: object, expected: object])[] = [
  ["nothing but a name", {}, { postgresqlVersion: 17, members: { length: 3 }, voters: { length: 3 } }],
  ["a single member", { members: 1 }, { settings: { synchronous_mode: "off" }, members: { length: 1 } }],
  ["nine members", { members: 9 }, { members: { length: 9 } }],
  ["an older version", { postgresql: { version: 14 } }, { postgresqlVersion: 14 }],
  ["the newest version", { image: newest, postgresql: { version: 18 } }, { postgresqlVersion: 18 }],
  ["two synchronous standbys", { synchronous: { count: 2 } }, { settings: { synchronous_node_count: 2 } }],
  [
    "no write without a standby",
    { synchronous: { durability: "required" } },
    { settings: { synchronous_mode_strict: true } },
  ],
  ["no synchronous commit", { synchronous: { mode: "off" } }, { settings: { synchronous_mode: "off" } }],
  [
    "a recovery objective",
    { recovery: { objective: "wide" } },
    { settings: { ttl: 60 }, recovery: { objective: "wide", lostNodeSeconds: [40, 90] } },
  ],
  [
    "a fast recovery that may lose commits",
    { recovery: { objective: "fast", acceptDataLoss: true }, synchronous: { mode: "off" } },
    { settings: { primary_start_timeout: 0, synchronous_mode: "off" } },
  ],
  [
    "a maintenance window",
    { maintenance: { day: "sunday", start: "02:30", timeZone: "Europe/Berlin" } },
    { maintenance: { sentence: "every sunday from 02:30, for 60 minutes (Europe/Berlin)" } },
  ],
  ["a declared size of volumes", { resources: { volume: "100GB" } }, { volumeMib: 102_400 }],
  ["a memory limit", { resources: { memory: "8GB" } }, { localParameters: { shared_buffers: "2GB" } }],
  [
    "a network of the user's",
    { network: { subnet: "192.168.44.0/24" } },
    { endpoint: { address: "192.168.44.10" } },
  ],
  ["one voter", { etcd: { voters: 1 } }, { voters: { length: 1 } }],
  [
    "other ports",
    { endpoint: { ports: { readWrite: 5432, readOnly: 5433 } } },
    { endpoint: { readOnlyPort: 5433 } },
  ],
  [
    "an archive of the user's",
    { backup: { endpoint: "https://s3.example/" } },
    { archive: { endpoint: "https://s3.example" } },
  ],
  [
    "an archive whose certificate the user's own authority has signed",
    { backup: { endpoint: "https://s3.example", ca: certificate } },
    { archive: { endpoint: "https://s3.example", ca: certificate } },
  ],
  ["an authority of the user's", { tls: { ca: "given" } }, { tls: { ca: "given", leafDays: 397 } }],
  ["certificates that last a day", { tls: { leafDays: 1 } }, { tls: { ca: "generated", leafDays: 1 } }],
  [
    "an application with names of its own",
    { application: { database: "orders", role: "order_keeper" } },
    { application: { database: "orders", role: "order_keeper" } },
  ],
  [
    "names of the endpoint",
    { members: 1, endpoint: { names: ["db.example.org", "db.example.org"] } },
    { members: [{ certificate: { dnsNames: ["dev-1", "db.example.org"] } }] },
  ],
  ["backups that are kept for long", { backup: { retainDays: 365 } }, { archive: { retainDays: 365 } }],
  [
    "another engine",
    { placement: { zones: [{ name: "a", host: "ssh://root@db-a" }] } },
    { zones: [{ host: "ssh://root@db-a" }] },
  ],
];

describe("a good specification has", () => {
  it.each(parameters)("parameters with %s", (_title, written, inForce) => {
    expect(inForceOf(planCluster(roomySpecification({ postgresql: { parameters: written } })))).toMatchObject(
      inForce,
    );
  });

  it.each(plans)("%s", (_title, written, expected) => {
    expect(planCluster(specification(written))).toMatchObject(expected);
  });
});

function inForceOf({ settings, localParameters }: ClusterPlan): Readonly<Record<string, ParameterValue>> {
  return { ...settings.postgresql.parameters, ...localParameters };
}
