import fc from "fast-check";
import { type ClusterSpec, parseSpec } from "../../cluster/index.ts";
import { type Parameter, settableParameters } from "../../cluster/parameters/parameters.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";

/** A checked specification; everything not given is the default. */
export function specification(written: object = {}): ClusterSpec {
  return parseSpec({ name: "dev", ...written });
}

/** The same, with more memory than any parameters ask for. */
export function roomySpecification(written: object = {}): ClusterSpec {
  return specification({ resources: { memory: "16TB" }, ...written });
}

/** The text of the refusal of a specification. @throws when it is not refused. */
export function refusalOf(written: unknown): string {
  try {
    parseSpec(written);
  } catch (error) {
    if (error instanceof Error && error.name === "SpecError") return error.message;
    throw error;
  }
  throw new Error("the specification was accepted");
}

/** Names that a cluster may have. */
export function clusterName(): fc.Arbitrary<string> {
  return fc
    .stringMatching(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/)
    .filter(
      (name) =>
        !/-(etcd|proxy|replica)$/.test(name) &&
        !["bridge", "default", "host", "ingress", "none"].includes(name),
    );
}

/** Values of a few parameters, within their ranges and with every way of writing them. */
export function parameters(): fc.Arbitrary<Record<string, string | number | boolean>> {
  return fc.record(
    {
      max_connections: fc.integer({ min: 25, max: 2000 }),
      max_wal_senders: fc.integer({ min: 13, max: 100 }),
      max_worker_processes: fc.integer({ min: 2, max: 64 }),
      max_prepared_transactions: fc.integer({ min: 0, max: 200 }),
      max_locks_per_transaction: fc.integer({ min: 32, max: 512 }),
      max_replication_slots: fc.integer({ min: 13, max: 100 }),
      wal_level: fc.constantFrom("replica", "logical", "LOGICAL"),
      work_mem: fc.oneof(fc.integer({ min: 64, max: 1_000_000 }), fc.constantFrom("64MB", "1GB", "1.5MB")),
      shared_buffers: fc.constantFrom("128MB", "64MB", 16384),
      checkpoint_timeout: fc.constantFrom("5min", "300s", 900),
      random_page_cost: fc.constantFrom(1.1, "1.1", 4),
      jit: fc.constantFrom(true, false, "on", "off", "yes", "no"),
      hot_standby_feedback: fc.boolean(),
    },
    { requiredKeys: [] },
  );
}

/** Any few of the parameters that a version has, at the edges of their ranges and within. */
export function anyParameters(version: number): fc.Arbitrary<Record<string, ParameterValue>> {
  const all = settableParameters(version).filter(({ name }) => !weighed.has(name));
  return fc
    .subarray(all, { maxLength: 12 })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((parameter) => [parameter.name, values(parameter)]))),
    );
}

/** Those that a rule weighs against each other, or against other keys: `parameters` has them. */
const weighed: ReadonlySet<string> = new Set([
  "autovacuum_max_workers",
  "autovacuum_worker_slots",
  "max_connections",
  "max_replication_slots",
  "max_wal_senders",
  "max_worker_processes",
  "reserved_connections",
  "shared_buffers",
  "superuser_reserved_connections",
  "synchronous_commit",
  "work_mem",
]);

/** Values that a parameter takes. */
function values(parameter: Parameter): fc.Arbitrary<ParameterValue> {
  const { type, default: standard, min = 0, max = 1e9, step = 1, besides = standard } = parameter;
  switch (type) {
    case "bool":
      return fc.constantFrom<ParameterValue[]>(true, false, "on", "off", "yes", "No");
    case "enum":
      return fc.constantFrom(...(parameter.values ?? []));
    case "string":
      return fc.constant(standard);
    case "integer": {
      const steps = fc.integer({ min: Math.ceil(min / step), max: Math.floor(max / step) });
      return fc.oneof(
        fc.constantFrom(min, max - (max % step), standard, besides),
        steps.map((count) => count * step),
      );
    }
    case "real":
      return fc.oneof(fc.constantFrom(min, max, standard), fc.double({ min, max, noNaN: true }).map(plain));
    default:
      return type satisfies never;
  }
}

/** Without the exponent that the smallest and largest numbers are written with. */
function plain(number: number): number {
  return Number(number.toFixed(3));
}

/** Specifications that are sound, with any part of them left out. */
export function soundSpecification(): fc.Arbitrary<{ readonly name: string } & Record<string, unknown>> {
  const size = { members: fc.integer({ min: 1, max: 9 }), version: fc.constantFrom(14, 15, 16, 17, 18) };
  return fc.record(size).chain(({ members, version }) =>
    fc.record(
      {
        name: clusterName(),
        members: fc.constant(members),
        // It carries all versions.
        image: fc.constant("registry.example/spilo-18:1"),
        synchronous: synchronousFor(members),
        recovery: fc.record(
          // Without synchronous commit, a fast one has to be accepted.
          { objective: fc.constantFrom("fast", "normal", "wide"), acceptDataLoss: fc.constant(true) },
          { requiredKeys: ["acceptDataLoss"] },
        ),
        postgresql: fc.record({
          version: fc.constant(version),
          parameters: fc
            .tuple(anyParameters(version), parameters())
            .map(([any, few]) => ({ ...any, ...few })),
        }),
        resources: fc.record(
          {
            // Enough for the most that is asked of it.
            memory: fc.constantFrom("4TB", "16TB"),
            cpus: fc.constantFrom(0.5, 1, 4),
            shm: fc.constantFrom("64MB", "1GB"),
            volume: fc.constantFrom("1GB", "10TB"),
          },
          { requiredKeys: ["memory"] },
        ),
        maintenance: fc.record(
          {
            day: fc.constantFrom("monday", "sunday"),
            start: fc.constantFrom("00:00", "02:30", "23:59"),
            minutes: fc.integer({ min: 30, max: 1440 }),
            timeZone: fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kathmandu"),
          },
          { requiredKeys: [] },
        ),
        network: fc.record({ subnet: fc.constantFrom("10.0.0.0/24", "172.31.255.0/24", "192.168.7.0/24") }),
        etcd: fc.record({ voters: fc.constantFrom(1, 3, 5) }),
        endpoint: fc.record(
          {
            ports: fc.constantFrom({ readWrite: 5432, readOnly: 5433 }, {}),
            names: fc.subarray(["db.example.org", "orders-db", "a.b.c-d.example"]),
            pooled: fc.boolean(),
          },
          { requiredKeys: [] },
        ),
        replicas: soundReplicas(),
        tls: fc.record(
          { ca: fc.constantFrom("generated", "given"), leafDays: fc.integer({ min: 1, max: 397 }) },
          { requiredKeys: [] },
        ),
        application: fc.record(
          { database: applicationName("pgbouncer"), role: applicationName("admin") },
          { requiredKeys: [] },
        ),
        backup: fc.record(
          {
            bucket: fc.constant("orders-wal"),
            endpoint: fc.constantFrom("https://s3.eu-central-1.amazonaws.com", "https://10.1.2.3:9000/"),
            region: fc.constant("eu-central-1"),
            schedule: fc.constantFrom("0 1 * * *", "*/30 0-6 1,15 * 1-5"),
            retainDays: fc.integer({ min: 2, max: 90 }),
            archiveTimeout: fc.constantFrom("10s", "60s", "1h"),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: ["name", "members", "image", "resources"] },
    ),
  );
}

/** Three replicas at most, each in a place of its own and none upstream of itself. */
export function soundReplicas(): fc.Arbitrary<
  readonly ({ readonly name: string } & Record<string, unknown>)[]
> {
  const names = ["reports", "copy-2", "late"];
  const places = fc.uniqueArray(fc.integer({ min: 1, max: 13 }), { minLength: 3, maxLength: 3 });
  const each = (name: string, index: number) =>
    fc.record(
      {
        name: fc.constant(name),
        memory: fc.constantFrom("4TB", "16TB"),
        cpus: fc.constantFrom(0.5, 2),
        // Only the last is late, and each follows one before it.
        ...(name === "late" ? { applyDelay: fc.constantFrom("30s", "1h", "24d") } : {}),
        ...(index === 0 ? {} : { upstream: fc.constantFrom(...names.slice(0, index)) }),
      },
      { requiredKeys: ["name", "memory"] },
    );
  const all = fc.tuple(...names.map(each));
  return fc
    .tuple(all, places, fc.integer({ min: 0, max: 3 }))
    .map(([list, numbers, count]) =>
      list.slice(0, count).map((replica, index) => ({ ...replica, place: numbers[index] })),
    );
}

/** Names that an application may have. @param taken one that somebody else has */
function applicationName(taken: string): fc.Arbitrary<string> {
  const others = [taken, "none", "public", "postgres", "operator", "pooler", "rewind", "standby"];
  return fc
    .stringMatching(/^[a-z][a-z0-9_]{0,59}$/)
    .filter((name) => !/^(spilo_|pg_)|^(operator|pooler|rewind|standby)_[12]$/.test(name))
    .filter((name) => !others.includes(name));
}

function synchronousFor(members: number): fc.Arbitrary<Record<string, unknown>> {
  const off = fc.constant({ mode: "off" });
  if (members === 1) return off;
  const on = fc.record(
    {
      mode: fc.constantFrom("on", "quorum"),
      count: fc.integer({ min: 1, max: members - 1 }),
      durability: fc.constantFrom("preferred", "required"),
    },
    { requiredKeys: [] },
  );
  return fc.oneof(off, on);
}
