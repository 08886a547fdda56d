import { describe, expect, it } from "vitest";
import { refusalOf, specification } from "./specifications.ts";

interface Broken {
  readonly title: string;
  readonly written: object;
  readonly lines: readonly string[];
}

describe("names", () => {
  const broken: readonly Broken[] = [
    {
      title: "of which the members would be another cluster's voters",
      written: { name: "orders-etcd" },
      lines: [
        'error  spilo:cluster.name: "orders-etcd"',
        "       must not end in -etcd: its members would be named as parts of a cluster orders are.",
        "       Choose another name, such as orders.",
      ],
    },
    {
      title: "that every engine has a network of",
      written: { name: "bridge" },
      lines: [
        'error  spilo:cluster.name: "bridge"',
        "       is the name of a network that every Docker engine has.",
        "       Choose another name, such as orders.",
      ],
    },
    {
      title: "of an image that is too old for the version",
      written: { postgresql: { version: 18 } },
      lines: [
        "error  spilo:cluster.postgresql.version: 18",
        "       the image ghcr.io/zalando/spilo-17:4.0-p3 carries PostgreSQL 17 and older ones.",
        "       Set postgresql.version to 17, or image to one named spilo-18.",
      ],
    },
    {
      title: "of two ports that are one",
      written: { endpoint: { ports: { readWrite: 5432, readOnly: 5432 } } },
      lines: [
        "error  spilo:cluster.endpoint.ports.readOnly: 5432",
        "       is the port of endpoint.ports.readWrite; they lead to different members.",
        "       Choose another port for one of them, such as 5001.",
      ],
    },
  ];
  it.each(broken)("are refused: $title", expectRefusal);

  it("of images say nothing of the version unless they are spilo's", () => {
    const image = "registry.example/postgres-ha:2";
    expect(specification({ image, postgresql: { version: 18 } }).image).toBe(image);
  });
});

describe("synchronous commit", () => {
  const broken: readonly Broken[] = [
    {
      title: "waits for a standby that a single member does not have",
      written: { members: 1, synchronous: { mode: "quorum" } },
      lines: [
        'error  spilo:cluster.synchronous.mode: "quorum"',
        "       a commit is to wait for a standby, but members is 1: there is none.",
        "       Remove synchronous.mode, or set members to 2 or more.",
      ],
    },
    {
      title: "waits for more standbys than exist",
      written: { members: 3, synchronous: { mode: "on", count: 3 } },
      lines: [
        "error  spilo:cluster.synchronous.count: 3",
        "       three synchronous standbys are asked for, but members is 3: only two standbys exist.",
        "       Set synchronous.count to 2, or members to 4 or more.",
      ],
    },
    {
      title: "is required and off",
      written: { synchronous: { mode: "off", durability: "required", count: 2 } },
      lines: [
        'error  spilo:cluster.synchronous.durability: "required"',
        "       no commit waits for a standby, because synchronous.mode is off.",
        "       Remove synchronous.durability, or set synchronous.mode to quorum.",
        "error  spilo:cluster.synchronous.count: 2",
        "       no standby is synchronous, because synchronous.mode is off.",
        "       Remove synchronous.count, or set synchronous.mode to quorum.",
      ],
    },
    {
      title: "is required of a single member",
      written: { members: 1, synchronous: { durability: "required" } },
      lines: [
        'error  spilo:cluster.synchronous.durability: "required"',
        "       no commit waits for a standby, because members is 1: no standby has a commit.",
        "       Remove synchronous.durability, or set members to 2 or more.",
      ],
    },
    {
      title: "is taken back by synchronous_commit",
      written: { postgresql: { parameters: { synchronous_commit: false } } },
      lines: [
        "error  spilo:cluster.postgresql.parameters.synchronous_commit: false",
        "       a commit would be acknowledged before a standby has it on disk; synchronous.mode is quorum.",
        "       Remove it and set it per transaction where a loss is bearable, or set synchronous.mode to off.",
      ],
    },
  ];
  it.each(broken)("is refused where it $title", expectRefusal);

  it("leaves synchronous_commit alone where nothing is promised", () => {
    const written = {
      synchronous: { mode: "off" },
      postgresql: { parameters: { synchronous_commit: "off" } },
    };
    expect(specification(written).postgresql.parameters).toEqual({ synchronous_commit: "off" });
  });
});

describe("sizes", () => {
  const broken: readonly Broken[] = [
    {
      title: "slots for fewer than the members",
      written: { members: 9, postgresql: { parameters: { max_replication_slots: 9 } } },
      lines: [
        "error  spilo:cluster.postgresql.parameters.max_replication_slots: 9",
        "       10 are needed: max(4, members + 1), with 9 members.",
        "       Set it to 10 or more, or remove it: then it is 20.",
      ],
    },
    {
      title: "connections that are all reserved",
      written: { postgresql: { parameters: { max_connections: 30, superuser_reserved_connections: 30 } } },
      lines: [
        "error  spilo:cluster.postgresql.parameters.max_connections: 30",
        "       superuser_reserved_connections and reserved_connections take 30: none is left.",
        "       Set max_connections to more than 30, or reserve fewer.",
      ],
    },
    {
      title: "buffers that leave the kernel too little",
      written: { resources: { memory: "1GB" }, postgresql: { parameters: { shared_buffers: "600MB" } } },
      lines: [
        'error  spilo:cluster.postgresql.parameters.shared_buffers: "600MB"',
        "       is more than half of resources.memory, which is 1GB.",
        "       Set it to a quarter of the memory, or remove it: then it is that. Or raise resources.memory.",
      ],
    },
    {
      title: "memory without a unit",
      written: { resources: { memory: "512" } },
      lines: [
        'error  spilo:cluster.resources.memory: "512"',
        "       must be a quantity with a unit (B, kB, MB, GB, TB) from 256MB to 16TB.",
        "       Write for example memory: 2GB.",
      ],
    },
  ];
  it.each(broken)("are refused: $title", expectRefusal);
});

describe("parameters", () => {
  const broken: readonly Broken[] = [
    {
      title: "Patroni's own",
      written: { postgresql: { parameters: { synchronous_standby_names: "*" } } },
      lines: [
        'error  spilo:cluster.postgresql.parameters.synchronous_standby_names: "*"',
        "       Patroni writes this one; a value here would be overruled or break replication.",
        "       Remove it, and set synchronous.mode and .count.",
      ],
    },
    {
      title: "the image's own",
      written: { postgresql: { parameters: { "bg_mon.port": 8081 } } },
      lines: [
        "error  spilo:cluster.postgresql.parameters.bg_mon.port: 8081",
        "       the image writes this one, with paths and names that other parts of it rely on.",
        "       Remove it.",
      ],
    },
    {
      title: "written elsewhere in the specification",
      written: { postgresql: { parameters: { archive_timeout: "5min" } } },
      lines: [
        'error  spilo:cluster.postgresql.parameters.archive_timeout: "5min"',
        "       the cluster's own parts depend on this one.",
        "       Remove it, and set backup.archiveTimeout.",
      ],
    },
    {
      title: "too new for the version",
      written: { postgresql: { version: 16, parameters: { transaction_timeout: "1min" } } },
      lines: [
        'error  spilo:cluster.postgresql.parameters.transaction_timeout: "1min"',
        "       PostgreSQL 16 does not have it; 17 and newer do.",
        "       Remove it, or set postgresql.version to 17.",
      ],
    },
    {
      title: "below what Patroni accepts",
      written: { postgresql: { parameters: { max_connections: 24 } } },
      lines: [
        "error  spilo:cluster.postgresql.parameters.max_connections: 24",
        "       must be a whole number from 25 to 262143.",
        "       Write for example max_connections: 100.",
      ],
    },
    {
      title: "with a word that is none of theirs",
      written: { postgresql: { parameters: { wal_level: "full" } } },
      lines: [
        'error  spilo:cluster.postgresql.parameters.wal_level: "full"',
        "       must be one of replica, logical.",
        "       Write for example wal_level: replica.",
      ],
    },
    {
      title: "that nobody knows",
      written: { postgresql: { parameters: { speed: "fast" } } },
      lines: [
        "error  spilo:cluster.postgresql.parameters.speed: unknown parameter",
        "       Remove it: no parameter that can be set here has such a name.",
      ],
    },
    {
      title: "with a list for a value",
      written: { postgresql: { parameters: { work_mem: ["64MB"] } } },
      lines: [
        'error  spilo:cluster.postgresql.parameters.work_mem: ["64MB"]',
        "       must be a text, a number, or on or off.",
        "       Write the value as postgresql.conf takes it, such as 64MB.",
      ],
    },
  ];
  it.each(broken)("are refused: $title", expectRefusal);
});

function expectRefusal({ written, lines }: Broken): void {
  expect(refusalOf({ name: "dev", ...written })).toBe(lines.join("\n"));
}
