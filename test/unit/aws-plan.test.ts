import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GroupRule } from "../../cluster/aws/aws-plan.ts";
import {
  type ClusterPlan,
  type ClusterSpec,
  type ClusterSpecInput,
  parseSpec,
  planCluster,
  renderSpiloConfiguration,
} from "../../cluster/index.ts";
import { readSpec } from "../../cluster/schema/spec.ts";
import { onAws } from "./aws-specifications.ts";
import { overZones } from "./zone-specifications.ts";

function planOf(zones: string, change: Partial<ClusterSpecInput> = {}) {
  const { aws, ...plan } = planCluster(parseSpec(onAws(zones, change)));
  if (aws === undefined) throw new Error("the plan is not for AWS");
  return { plan, aws };
}

describe("a plan over three zones of AWS", () => {
  const { plan, aws } = planOf("abc");

  it("has each part on a machine of its own, at an address of its zone's network and the usual ports", () => {
    const machines = aws.machines.map((one) => [one.part, one.kind, one.availabilityZone, one.address]);
    expect(machines).toEqual([
      ["orders-etcd-1-a", "voter", "eu-central-1a", "10.90.7.21"],
      ["orders-etcd-2-b", "voter", "eu-central-1b", "10.90.7.54"],
      ["orders-etcd-3-c", "voter", "eu-central-1c", "10.90.7.87"],
      ["orders-1-a", "member", "eu-central-1a", "10.90.7.11"],
      ["orders-2-b", "member", "eu-central-1b", "10.90.7.44"],
      ["orders-3-c", "member", "eu-central-1c", "10.90.7.77"],
    ]);
    expect(plan.members[1]).toMatchObject({
      postgres: { host: "10.90.7.44", port: 5432 },
      rest: { host: "10.90.7.44", port: 8008 },
    });
    expect(plan.voters[2]).toMatchObject({
      client: { host: "10.90.7.87", port: 2379 },
      peer: { host: "10.90.7.87", port: 2380 },
      instead: [
        { host: "10.90.7.23", port: 2380 },
        { host: "10.90.7.55", port: 2380 },
      ],
    });
  });

  it("has no proxy, no S3 server and no network of an engine", () => {
    expect(plan.proxies).toEqual([]);
    expect(plan.archive).toEqual({
      bucket: "orders-wal",
      region: "eu-central-1",
      endpoint: "https://s3.eu-central-1.amazonaws.com",
      own: false,
      retainDays: 14,
      schedule: "0 1 * * *",
    });
    expect(plan).not.toHaveProperty("network");
  });

  it("leads clients by a name to whoever leads, and readers to who is not behind", () => {
    expect(plan.endpoint).toMatchObject({ address: "db.orders.internal", readWritePort: 5000 });
    const targets = [
      { part: "orders-1-a", address: "10.90.7.11" },
      { part: "orders-2-b", address: "10.90.7.44" },
      { part: "orders-3-c", address: "10.90.7.77" },
    ];
    expect(aws.loadBalancer.listeners).toEqual([
      {
        ...{ purpose: "read-write", port: 5000, targetPort: 5432, targets },
        check: { port: 8008, path: "/primary" },
      },
      {
        ...{ purpose: "read-only", port: 5001, targetPort: 5432, targets },
        check: { port: 8008, path: "/replica?lag=16MB" },
      },
    ]);
    for (const { certificate } of plan.members) expect(certificate.dnsNames).toContain("db.orders.internal");
  });

  it("has the REST API answer whoever shows no certificate what is safe, as a load balancer shows none", () => {
    const secrets = { restUser: "spilo", restPassword: "r", rewindPassword: "w" };
    expect(renderSpiloConfiguration({ ...plan, aws }, secrets)).toContain("verify_client: optional");
    expect(renderSpiloConfiguration(plan, secrets)).toContain("verify_client: required");
  });

  it("says that the load balancer follows a failover later than members do", () => {
    expect(plan.recovery).toEqual({
      objective: "normal",
      lostNodeSeconds: [30, 60],
      crashSeconds: [15, 45],
      sentence:
        "a standby takes over from a lost node within 20 to 45 s, from a crashed leader within 5 to 30 s (expected); " +
        "the load balancer follows 10 to 15 s later",
    });
    expect(planOf("abc", { endpoint: { pooled: true } }).plan.recovery.sentence).toMatch(
      /10 to 15 s later, and clients of the pool connect anew, after a switchover as well$/,
    );
    expect(planOf("a", { members: 1, etcd: { voters: 1 } }).plan.recovery.sentence).toContain(
      "nobody takes over",
    );
  });

  it("says what it survives, and of one zone that its loss is not", () => {
    expect(plan.survives).toContain("any one of three zones");
    expect(planOf("a").plan.survives).toContain("not the loss of zone eu-central-1a");
  });

  it("has subnets that do not meet, also with a user's own", () => {
    expect(aws.network.zones.flatMap(({ inner, outer }) => [inner.cidr, outer.cidr])).toEqual([
      ...["10.90.7.0/27", "10.90.7.128/28"],
      ...["10.90.7.32/27", "10.90.7.144/28"],
      ...["10.90.7.64/27", "10.90.7.160/28"],
    ]);
    const subnets = [{ id: "subnet-0a1b2c3d", cidr: "10.1.255.192/26" }];
    const given = { vpc: "vpc-0a1b2c3d", subnets, clients: ["10.0.0.0/8"], operators: ["10.0.0.0/8"] };
    expect(planOf("a", { aws: given }).aws.machines.at(-1)?.address).toBe("10.1.255.205");
  });

  it("gives secrets' names free at once only where nothing is protected", () => {
    expect(aws.secretRecoveryDays).toBe(7);
    expect(planOf("a", { deletionProtection: false }).aws.secretRecoveryDays).toBe(0);
  });
});

describe("security groups", () => {
  const { aws } = planOf("abc", { aws: { clients: ["10.5.0.0/16"], operators: ["10.6.0.0/24"] } });
  const rulesOf = (group: string) => aws.groups.find(({ name }) => name === group)?.rules ?? [];
  const told = ({ direction, port, party }: GroupRule) => {
    const who = "group" in party ? party.group : party.networks.map(known).join(",");
    return `${direction} ${port} ${who}`;
  };
  const known = (network: string) => {
    const last = Number(network.split("/")[0]?.split(".")[3]);
    if (!network.startsWith("10.90.7.")) return network;
    return last % 32 < 20 ? "M" : "V";
  };
  const short = (group: string) =>
    rulesOf(group).map((rule) => told(rule).replaceAll(/\b(M|V)(,\1)+\b/g, "$1"));

  it("let exactly these ports through, between exactly these parties", () => {
    expect(short("load-balancer")).toEqual([
      "in 5000 10.5.0.0/16",
      "in 5001 10.5.0.0/16",
      "out 5432 M",
      "out 8008 M",
    ]);
    expect(short("members")).toEqual([
      ...["in 5432 load-balancer", "in 8008 load-balancer", "in 5432 M", "in 8008 M"],
      ...["in 5432 10.6.0.0/24", "in 8008 10.6.0.0/24", "in 22 10.6.0.0/24"],
      ...["out 5432 M", "out 8008 M", "out 2379 V", "out 443 0.0.0.0/0", "out 80 0.0.0.0/0"],
    ]);
    expect(short("voters")).toEqual([
      ...["in 2379 members", "in 2380 V", "in 2379 10.6.0.0/24", "in 22 10.6.0.0/24"],
      ...["out 2380 V", "out 443 0.0.0.0/0", "out 80 0.0.0.0/0"],
    ]);
  });

  it("let sessions of Systems Manager go on from any machine of the cluster, and nobody in from outside", () => {
    const of = (change: object) => planOf("abc", { aws: { clients: ["10.5.0.0/16"], ...change } }).aws.groups;
    const ssm = of({ reach: "ssm" });
    const shortOf = (groups: typeof ssm, group: string) =>
      (groups.find(({ name }) => name === group)?.rules ?? []).map((rule) =>
        told(rule).replaceAll(/\b(M|V)(,\1)+\b/g, "$1"),
      );
    expect(shortOf(ssm, "load-balancer")).toEqual([
      ...["in 5000 10.5.0.0/16", "in 5001 10.5.0.0/16", "in 5000 V,M", "out 5432 M", "out 8008 M"],
    ]);
    expect(shortOf(ssm, "members")).toEqual([
      ...["in 5432 load-balancer", "in 8008 load-balancer", "in 5432 M", "in 8008 M"],
      ...["in 5432 V", "in 8008 V", "in 22 V,M"],
      ...["out 5432 M", "out 8008 M", "out 2379 V", "out 22 V,M", "out 5000 load-balancer"],
      ...["out 443 0.0.0.0/0", "out 80 0.0.0.0/0"],
    ]);
    expect(shortOf(ssm, "voters")).toEqual([
      ...["in 2379 members", "in 2380 V", "in 2379 V", "in 22 V,M", "out 2380 V"],
      ...["out 5432 M", "out 8008 M", "out 2379 V", "out 22 V,M", "out 5000 load-balancer"],
      ...["out 443 0.0.0.0/0", "out 80 0.0.0.0/0"],
    ]);
    for (const { rules } of ssm) {
      const each = rules.flatMap(({ direction, port, party }) =>
        ("group" in party ? [party.group] : party.networks).map((who) => `${direction} ${port} ${who}`),
      );
      expect(new Set(each).size).toBe(each.length);
    }
    // Before it is used, and with a machine of the user's own.
    const prepared = of({ ssmAgent: true, operators: ["10.6.0.0/24"] });
    expect(shortOf(prepared, "members")).toContain("in 22 10.6.0.0/24,V,M");
    const own = of({ reach: "ssm", ssm: { instance: "i-0a1b2c3d" }, operators: ["10.6.0.9/32"] });
    expect(shortOf(own, "members")).toContain("in 22 10.6.0.9/32");
    expect(shortOf(own, "voters")).toEqual(shortOf(of({ operators: ["10.6.0.9/32"] }), "voters"));
  });

  it("let nobody in from anywhere", () => {
    const into = aws.groups.flatMap(({ rules }) => rules.filter(({ direction }) => direction === "in"));
    expect(JSON.stringify(into)).not.toContain("0.0.0.0/0");
  });

  it("change neither with the number of members nor with that of voters", () => {
    expect(planOf("abc", { members: 9 }).aws.groups).toEqual(planOf("abc", { members: 2 }).aws.groups);
    expect(planOf("abc", { etcd: { voters: 5 } }).aws.groups).toEqual(planOf("abc").aws.groups);
  });
});

describe("read replicas on AWS", () => {
  const written = [
    { name: "reports", zone: "b", memory: "8GB", instanceType: "r7g.large" },
    { name: "copy", upstream: "reports" },
    { name: "late", applyDelay: "1h", upstream: "orders-3" },
  ];
  const { plan, aws } = planOf("abc", { replicas: written });

  it("have a machine of their own each, at an address that members and voters leave", () => {
    const machines = aws.machines.filter(({ kind }) => kind === "replica");
    expect(machines.map((one) => [one.part, one.availabilityZone, one.address, one.instanceType])).toEqual([
      ["orders-replica-reports-b", "eu-central-1b", "10.90.7.40", "r7g.large"],
      ["orders-replica-copy-a", "eu-central-1a", "10.90.7.10", "m7g.large"],
      ["orders-replica-late-a", "eu-central-1a", "10.90.7.9", "m7g.large"],
    ]);
    expect(machines.map(({ volume }) => volume)).toEqual(Array(3).fill({ size: 100, retained: false }));
    expect(plan.replicas.map(({ upstream }) => upstream)).toEqual([
      undefined,
      "orders-replica-reports-b",
      "orders-3-c",
    ]);
  });

  it("change nothing of what members and voters are made of", () => {
    const alone = planOf("abc");
    expect(plan.members).toEqual(alone.plan.members);
    expect(plan.voters).toEqual(alone.plan.voters);
    expect(plan.admission).toEqual(alone.plan.admission);
    expect(plan.survives).toEqual(alone.plan.survives);
    expect(aws.machines.filter(({ kind }) => kind !== "replica")).toEqual(alone.aws.machines);
  });

  it("are led to by a port of their own, but for late ones", () => {
    const listener = aws.loadBalancer.listeners.find(({ purpose }) => purpose === "replicas");
    expect(listener).toMatchObject({ port: 5002, check: { path: "/replica?lag=16MB" } });
    expect(listener?.targets.map(({ part }) => part)).toEqual([
      "orders-replica-reports-b",
      "orders-replica-copy-a",
    ]);
    const others = aws.loadBalancer.listeners.filter((one) => one !== listener);
    expect(JSON.stringify(others)).not.toContain("-replica-");
    const balancer = JSON.stringify(aws.groups.find(({ name }) => name === "load-balancer"));
    expect(balancer).not.toContain("10.90.7.9/32");
    expect(balancer).toContain("10.90.7.40/32");
  });

  it("are not where a zone cannot be had, or holds no data", () => {
    const zones = [{ name: "a" }, { name: "b", available: false }, { name: "c" }];
    const placement = { mode: "cross-zone" as const, zones, fallbackToSameZone: true };
    const { aws: without } = planOf("abc", { replicas: written, placement });
    const parts = without.machines.filter(({ kind }) => kind === "replica").map(({ part }) => part);
    expect(parts).toEqual(["orders-replica-copy-a", "orders-replica-late-a"]);
  });
});

describe("every plan on AWS", () => {
  const pairs = fc
    .record({
      zones: fc.constantFrom("a", "ab", "abc", "abcd"),
      witness: fc.boolean(),
      gone: fc.subarray([..."abcd"], { maxLength: 2 }),
      members: fc.integer({ min: 1, max: 9 }),
      voters: fc.constantFrom(1 as const, 3 as const, 5 as const),
      memory: fc.constantFrom("2GB", "16GB"),
      max_connections: fc.integer({ min: 25, max: 300 }),
    })
    .map(({ zones, witness, gone, memory, voters, max_connections, members }) => {
      const told = (name: string) => ({
        available: zones.length === 1 || !gone.includes(name),
        witness: witness && zones.length > 2 && name === zones.at(-1),
      });
      const sizes = { members, etcd: { voters }, postgresql: { parameters: { max_connections } } };
      const resources = { memory, volume: "100GB" };
      const several = zones.length > 1;
      const change = Object.fromEntries([...zones].map((name) => [name, told(name)]));
      const { placement } = onAws(zones);
      const aws = onAws(zones, {
        ...sizes,
        resources,
        placement: {
          ...placement,
          zones: [...zones].map((name) => ({ name, ...told(name) })),
          fallbackToSameZone: several,
        },
      });
      const placed = overZones(zones, change, { fallbackToSameZone: true });
      const docker = { name: "orders", ...sizes, resources, ...(several ? placed : {}) };
      return { aws: readSpec(aws), docker: readSpec(docker) };
    })
    .filter(({ aws }) => aws.spec !== undefined && aws.issues.length === 0);

  it("promises, spreads, counts and sizes as the same one does over engines", () => {
    let compared = 0;
    fc.assert(
      fc.property(pairs, ({ aws, docker }) => {
        if (aws.spec === undefined || docker.spec === undefined) throw new Error("nothing to plan");
        expect(docker.issues).toEqual([]);
        const [here, there] = [planCluster(aws.spec), planCluster(docker.spec)];
        const [ours, theirs] = [promises(here), promises(there)];
        if (aws.spec.placement.mode === "cross-zone") expect(ours).toEqual(theirs);
        else expect({ ...ours, places: [] }).toEqual({ ...theirs, places: [] });
        compared += 1;
      }),
      { numRuns: 200 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  it("has an address and a name for each part alone, a machine for each, and lets each of them be reached", () => {
    fc.assert(
      fc.property(pairs, ({ aws: { spec } }) => {
        if (spec === undefined) throw new Error("nothing to plan");
        const { aws, members, replicas, voters, admission } = planCluster({ ...spec, replicas: all(spec) });
        const parts = [...voters, ...replicas, ...members];
        expect(aws?.machines.map(({ part }) => part)).toEqual(parts.map(({ name }) => name));
        expect(new Set(parts.map(({ address }) => address)).size).toBe(parts.length);
        for (const { zone, address, name } of parts) {
          const network = aws?.network.zones.find((one) => one.zone === zone)?.inner.cidr ?? "";
          expect(inside(address, network), `${name} ${address} ${network}`).toBe(true);
        }
        for (const { address } of [...members, ...replicas]) {
          expect(admission.members.some((network) => inside(address, network))).toBe(true);
          const into = aws?.groups.find(({ name }) => name === "members")?.rules ?? [];
          const peers = into.filter(({ direction, port }) => direction === "in" && port === 5432);
          expect(
            peers.some(
              ({ party }) => "networks" in party && party.networks.some((one) => inside(address, one)),
            ),
          ).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** A read replica in each place, the most that there may be. */
function all({ placement: { zones } }: ClusterSpec): ClusterSpec["replicas"] {
  const data = zones.filter(({ witness }) => !witness).map(({ name }) => name);
  return Array.from({ length: 9 }, (_, index) => {
    const zone = data[index % data.length] ?? "";
    return { name: `r${index}`, zone, memory: "2GB", place: 13 - index };
  });
}

/** All that a plan promises, but for what is said of the place itself and of the S3 server. */
function promises({
  members,
  voters,
  settings,
  localParameters,
  survives,
  application,
  logins,
}: ClusterPlan) {
  return {
    places: [...members, ...voters].map(({ name, zone }) => ({ name, zone })),
    members: members.map(({ index, synchronous, memoryMib, processes, shmMib }) => {
      return { index, synchronous, memoryMib, processes, shmMib };
    }),
    voters: voters.length,
    ...{ settings, localParameters, application, logins },
    survives: survives.filter((one) => !/archive|not the loss of (this host|zone eu-)/.test(one)),
  };
}

function inside(address: string, network: string): boolean {
  const [base = "", bits = "32"] = network.split("/");
  const number = (text: string) => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(address) / size) === Math.floor(number(base) / size);
}
