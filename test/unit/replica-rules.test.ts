import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSpec } from "../../cluster/index.ts";
import { readSpec } from "../../cluster/schema/spec.ts";
import { clusterName, soundReplicas } from "./specifications.ts";
import { overZones } from "./zone-specifications.ts";

type Row = readonly [title: string, written: object, path: string, message: string, remedy: string];

const members = "dev-1, dev-2, dev-3";

/** Each with one thing wrong, and what is said of it. */
const rows: readonly Row[] = [
  [
    "two of one name",
    { replicas: [{ name: "a" }, { name: "a", place: 1 }] },
    "replicas[1].name",
    "is that of replicas[0] as well",
    "Give each replica its own.",
  ],
  [
    "a name that is a number",
    { replicas: [{ name: "7" }] },
    "replicas[0].name",
    "must be 1 to 20 characters of a-z 0-9 -, beginning with a letter and not ending with -",
    "Write for example name: reports.",
  ],
  [
    "two in one place",
    {
      replicas: [
        { name: "a", place: 1 },
        { name: "b", place: 1 },
      ],
    },
    "replicas[1].place",
    "b and a would have the same address",
    "Set it to 2, which is free.",
  ],
  [
    "a zone that is none",
    { replicas: [{ name: "a", zone: "far" }] },
    "replicas[0].zone",
    "is none of placement.zones",
    "Set it to local, or remove it.",
  ],
  [
    "a zone that holds no data",
    { ...overZones("abw", { w: { witness: true } }), replicas: [{ name: "a", zone: "w" }] },
    "replicas[0].zone",
    "is a witness: no data stands there",
    "Set it to a or b, or remove it.",
  ],
  [
    "an upstream that is nobody",
    { replicas: [{ name: "a", upstream: "dev-4" }] },
    "replicas[0].upstream",
    "is no other replica, and no member",
    `Set it to one of ${members}, or remove it for the leader.`,
  ],
  [
    "one that follows itself",
    { replicas: [{ name: "a", upstream: "a" }] },
    "replicas[0].upstream",
    "is the replica itself",
    `Set it to one of ${members}, or remove it for the leader.`,
  ],
  [
    "an upstream that receives nothing after a failover",
    {
      replicas: [
        { name: "a", applyDelay: "1h" },
        { name: "b", upstream: "a" },
      ],
    },
    "replicas[1].upstream",
    "has an applyDelay of 1h: after a failover it receives nothing for so long, and passes nothing on",
    "Have it follow another one, or remove it for the leader.",
  ],
  [
    "a circle",
    {
      replicas: [
        { name: "c", upstream: "a" },
        { name: "a", upstream: "b" },
        { name: "b", upstream: "a" },
      ],
    },
    "replicas[1].upstream",
    "goes round: a follows b follows a, and none of them the leader",
    "Remove it at one of them.",
  ],
  [
    "a delay that PostgreSQL cannot count",
    { replicas: [{ name: "a", applyDelay: "30d" }] },
    "replicas[0].applyDelay",
    "must be a quantity with a unit (us, ms, s, min, h, d) from 1s to 24d",
    "Write for example applyDelay: 1h.",
  ],
  [
    "too little memory for the buffers that all have",
    {
      postgresql: { parameters: { shared_buffers: "512MB" } },
      replicas: [{ name: "a" }, { name: "b", memory: "512MB" }],
    },
    "postgresql.parameters.shared_buffers",
    "is more than half of replicas[1].memory, which is 512MB",
    "Set it to a quarter of the memory, or remove it: then it is that. Or raise replicas[1].memory.",
  ],
  [
    "too little memory for the sessions that all have",
    {
      postgresql: { parameters: { work_mem: "12MB" } },
      replicas: [{ name: "a", memory: "1GB" }],
    },
    "postgresql.parameters.work_mem",
    "100 sessions that each sort once, and shared_buffers, need more than replicas[0].memory, which is 1GB",
    "Set work_mem to 7MB or less, and more where it is needed with ALTER ROLE … SET, or raise replicas[0].memory.",
  ],
  [
    "too few senders",
    { postgresql: { parameters: { max_wal_senders: 5 } }, replicas: [{ name: "a" }, { name: "b" }] },
    "postgresql.parameters.max_wal_senders",
    "6 are needed: max(4, members + 1), with 3 members, + 2 read replicas",
    "Set it to 6 or more, or remove it: then it is 20.",
  ],
  [
    "a port that leads elsewhere",
    { endpoint: { ports: { replicas: 5001 } }, replicas: [{ name: "a" }] },
    "endpoint.ports.replicas",
    "is the port of endpoint.ports.readOnly, which leads elsewhere",
    "Choose another port for one of them, such as 5002.",
  ],
  [
    "a port that one of the parts has",
    {
      ...overZones("ab"),
      network: { firstPort: 5_500 },
      endpoint: { ports: { replicas: 5_561 } },
      replicas: [{ name: "a" }],
    },
    "endpoint.ports.replicas",
    "is among the ports that the cluster's own parts use, 5500 to 5599",
    "Choose another one, or set network.firstPort.",
  ],
  [
    "more than there may be",
    { replicas: Array.from({ length: 10 }, (_, index) => ({ name: `a${index}`, place: index + 1 })) },
    "replicas",
    "must be a list of 9 replicas at most",
    "Write for example replicas: [ { name: reports } ], or remove the key.",
  ],
];

describe("read replicas with one thing wrong are refused for", () => {
  it.each(rows)("%s", (_title, written, path, message, remedy) => {
    const told = readSpec({ name: "dev", ...written }).issues.map((issue) => [
      issue.path,
      issue.message,
      issue.remedy,
    ]);
    expect(told).toEqual([[path, message, remedy]]);
  });

  it("a host name that is too long", () => {
    const name = "n".repeat(40);
    const [issue, ...others] = readSpec({ name, replicas: [{ name: "r".repeat(15) }] }).issues;
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ path: "replicas[0].name", remedy: "Choose one of 14 at most." });
  });
});

describe("upstreams of read replicas", () => {
  /** Any of a few replicas, or nobody. */
  const names = ["a", "b", "c", "d"];
  const upstreams = fc.array(fc.option(fc.constantFrom(...names), { nil: undefined }), {
    minLength: 4,
    maxLength: 4,
  });

  it("are accepted exactly when each of them comes to the leader in the end", () => {
    fc.assert(
      fc.property(upstreams, (chosen) => {
        const replicas = names.map((name, index) => {
          const upstream = chosen[index];
          return { name, place: index + 1, ...(upstream === undefined ? {} : { upstream }) };
        });
        const endsAtLeader = names.every((name) => {
          let current: string | undefined = name;
          for (let steps = 0; steps < names.length && current !== undefined; steps += 1) {
            current = chosen[names.indexOf(current)];
          }
          return current === undefined;
        });
        expect(readSpec({ name: "dev", replicas }).issues.length === 0).toBe(endsAtLeader);
      }),
    );
  });

  it("of every sound list are accepted, whatever the cluster is called", () => {
    fc.assert(
      fc.property(clusterName(), soundReplicas(), (name, replicas) => {
        expect(parseSpec({ name, replicas }).replicas).toHaveLength(replicas.length);
      }),
    );
  });
});
