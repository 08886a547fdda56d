import { describe, expect, it } from "vitest";
import { refusalOf } from "./specifications.ts";

interface Bad {
  readonly title: string;
  readonly written: unknown;
  readonly lines: readonly string[];
}

const bad: readonly Bad[] = [
  {
    title: "no name",
    written: { members: 3 },
    lines: [
      "error  spilo:cluster.name: missing: must be 1 to 40 characters of a-z 0-9 -, not beginning or ending with -",
      "       Choose a name such as orders.",
    ],
  },
  {
    title: "a name that no container can have",
    written: { name: "Orders_EU" },
    lines: [
      'error  spilo:cluster.name: "Orders_EU"',
      "       must be 1 to 40 characters of a-z 0-9 -, not beginning or ending with -.",
      "       Choose a name such as orders.",
    ],
  },
  {
    title: "a mistyped key",
    written: { name: "orders", member: 5 },
    lines: ["error  spilo:cluster.member: unknown key", "       Did you mean members?"],
  },
  {
    title: "more members than there are addresses for",
    written: { name: "orders", members: 12 },
    lines: [
      "error  spilo:cluster.members: 12",
      "       must be a whole number from 1 to 9.",
      "       Set members to 3, or to what you need within that range.",
    ],
  },
  {
    title: "more synchronous standbys than standbys",
    written: { name: "orders", members: 2, synchronous: { count: 2 } },
    lines: [
      "error  spilo:cluster.synchronous.count: 2",
      "       two synchronous standbys are asked for, but members is 2: only one standby exists.",
      "       Set synchronous.count to 1, or members to 3 or more.",
    ],
  },
  {
    title: "a mistyped parameter",
    written: { name: "orders", postgresql: { parameters: { max_wal_sender: 20 } } },
    lines: [
      "error  spilo:cluster.postgresql.parameters.max_wal_sender: unknown parameter",
      "       Did you mean max_wal_senders?",
    ],
  },
  {
    title: "a parameter that breaks the promise to keep data",
    written: { name: "orders", postgresql: { parameters: { fsync: "off" } } },
    lines: [
      'error  spilo:cluster.postgresql.parameters.fsync: "off"',
      "       without it a crash of the host can corrupt the data of the member, and of its copies.",
      "       Remove it; for faster commits see synchronous_commit, per transaction.",
    ],
  },
  {
    title: "a quantity in a unit that PostgreSQL does not have",
    written: { name: "orders", postgresql: { parameters: { work_mem: "64 MiB" } } },
    lines: [
      'error  spilo:cluster.postgresql.parameters.work_mem: "64 MiB"',
      "       must be a whole number of kB from 64 to 2147483647, or one with a unit (B, kB, MB, GB, TB).",
      "       Write for example work_mem: 4MB.",
    ],
  },
  {
    title: "too few WAL senders for the members",
    written: { name: "orders", members: 5, postgresql: { parameters: { max_wal_senders: 5 } } },
    lines: [
      "error  spilo:cluster.postgresql.parameters.max_wal_senders: 5",
      "       6 are needed: max(4, members + 1), with 5 members.",
      "       Set it to 6 or more, or remove it: then it is 20.",
    ],
  },
  {
    title: "an even number of voters",
    written: { name: "orders", etcd: { voters: 2 } },
    lines: [
      "error  spilo:cluster.etcd.voters: 2",
      "       must be 1, 3 or 5.",
      "       Set etcd.voters to 3: an even number survives no more than one less.",
    ],
  },
  {
    title: "a ttl of a cluster that stays guarded",
    written: { name: "orders", ttl: "2d", finalBackup: false },
    lines: [
      'error  spilo:cluster.ttl: "2d"',
      "       deletionProtection is on: a cluster with a ttl is swept away whole, its backups as well.",
      "       Write deletionProtection: false too, or remove ttl.",
    ],
  },
  {
    title: "a network that is not the cluster's own",
    written: { name: "orders", network: { subnet: "10.61.0.0/16" } },
    lines: [
      'error  spilo:cluster.network.subnet: "10.61.0.0/16"',
      "       must be a private IPv4 network of the form a.b.c.0/24.",
      "       Choose a free one such as 10.90.7.0/24, or remove the key.",
    ],
  },
];

describe("a bad specification", () => {
  it.each(bad)("is refused: $title", ({ written, lines }) => {
    expect(refusalOf(written)).toBe(lines.join("\n"));
  });

  it("is told all that is wrong with it at once, and nothing that follows from a default", () => {
    const written = {
      name: "-orders",
      members: "three",
      synchronous: { count: 5, durability: "required", mode: "off", quorum: 2 },
      postgresql: { parameters: { max_wal_senders: 3, archive_mode: "off", jit: [] } },
      endpoint: { ports: { readWrite: 5432, readOnly: 5432, pools: 5433 } },
      placement: { zones: [{ name: "a", host: "db-a", address: "10.1.0.10" }] },
      owner: "",
    };
    const paths = refusalOf(written)
      .split("\n")
      .filter((line) => line.startsWith("error"));
    expect(paths).toEqual([
      'error  spilo:cluster.name: "-orders"',
      "error  spilo:cluster.postgresql.parameters.jit: []",
      'error  spilo:cluster.members: "three"',
      "error  spilo:cluster.synchronous.quorum: unknown key",
      "error  spilo:cluster.endpoint.ports.pools: unknown key",
      'error  spilo:cluster.placement.zones[0].host: "db-a"',
      'error  spilo:cluster.owner: ""',
      "error  spilo:cluster.endpoint.ports.readOnly: 5432",
      'error  spilo:cluster.postgresql.parameters.archive_mode: "off"',
    ]);
  });
});
