import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { onAws } from "../unit/aws-specifications.ts";
import { expectNoSecret, expectReferences, types } from "./aws-references.ts";
import { known, ofType, openTexts, type Recorded, record } from "./recorder.ts";

const replica = { region: "eu-west-1", bucket: "orders-wal-2" };
const sizes = ([1, 3, 5] as const).flatMap((members) =>
  ["a", "ab", "abc"].flatMap((zones) =>
    [false, true].flatMap((second) => [false, true].map((readers) => ({ members, zones, second, readers }))),
  ),
);
/** One that readers are led to, and a late one in the last zone. */
const replicasIn = (zones: string) => [
  { name: "reports", memory: "8GB", instanceType: "r7g.large" },
  { name: "late", zone: zones.slice(-1), applyDelay: "1h" },
];
const possible = sizes.filter(({ members, zones }) => members > 1 || zones === "a");

/** How many there are of each type of AWS's. */
function counted(resources: readonly Recorded[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of resources) {
    const [, , kind] = type.split(":");
    if (type.startsWith("aws:") && kind !== undefined) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** What stands in a secret, as a recorded input. */
function secretDocument(input: unknown) {
  const { value } = input as { readonly value: string };
  return JSON.parse(value);
}

describe("a cluster on AWS", () => {
  const title = "of $members in $zones, second region: $second, read replicas: $readers,";
  it.each(possible)(`${title} is made of this`, async (size) => {
    const { members, zones, second, readers } = size;
    const replicas = readers ? replicasIn(zones) : [];
    const written = onAws(zones, { members, replicas, ...(second ? { aws: { replica } } : {}) });
    const { resources } = await record(written);
    const [machines, buckets, places] = [members + 3 + replicas.length, second ? 2 : 1, zones.length];
    const listeners = readers ? 3 : 2;
    expect(counted(resources)).toEqual({
      // Each machine.
      ...{ Instance: machines, NetworkInterface: machines, Volume: machines, VolumeAttachment: machines },
      ...{ InstanceProfile: machines, Secret: 2 * machines, SecretVersion: 2 * machines },
      ...{ Role: machines + (second ? 1 : 0), RolePolicy: machines + (second ? 1 : 0) },
      // The network: each zone has its machines' subnet, one for the way out, and that way.
      ...{ Vpc: 1, InternetGateway: 1, VpcEndpoint: 1, SecurityGroup: readers ? 4 : 3 },
      ...{ Subnet: 2 * places, Eip: places, NatGateway: places },
      ...{ RouteTable: 1 + places, RouteTableAssociation: 2 * places },
      // The endpoint.
      ...{
        LoadBalancer: 1,
        Listener: listeners,
        TargetGroup: listeners,
        TargetGroupAttachment: 2 * members + (readers ? 1 : 0),
        Zone: 1,
        Record: 1,
      },
      // The archive.
      ...{ Bucket: buckets, BucketVersioning: buckets, BucketPublicAccessBlock: buckets },
      ...{ BucketServerSideEncryptionConfiguration: buckets, BucketLifecycleConfiguration: buckets },
      ...(second ? { BucketReplicationConfig: 1 } : {}),
    });
    for (const { type, name, provider, parent } of resources.filter((one) => one.type.startsWith("aws:"))) {
      expect([type, name, provider, parent]).toEqual([type, name, "orders-aws", "orders"]);
    }
    expect(resources.filter(({ type }) => type.startsWith("docker:") || type.endsWith(":docker"))).toEqual(
      [],
    );
    expectReferences(resources, { readers, pooled: false });
    expectNoSecret(resources);
  });

  it.each(sizes.filter((size) => !possible.includes(size)))(
    `${title} is refused`,
    async ({ zones, members, second, readers }) => {
      const replicas = readers ? replicasIn(zones) : [];
      const written = onAws(zones, { members, replicas, ...(second ? { aws: { replica } } : {}) });
      await expect(record(written)).rejects.toThrow("survives the loss of no zone");
    },
  );

  it.each([1, 3, 5] as const)(
    "of %i has a pool beside each member, and a port that leads to the leader's",
    async (members) => {
      const written = { members, endpoint: { pooled: true }, replicas: replicasIn("a") };
      const { resources, cluster } = await record(onAws("a", written));
      expect(counted(resources)).toMatchObject({
        ...{ Instance: members + 5, Secret: 2 * (members + 5) + members, SecurityGroup: 4 },
        ...{ Listener: 4, TargetGroup: 4, TargetGroupAttachment: 3 * members + 1 },
      });
      expectReferences(resources, { readers: true, pooled: true });
      expectNoSecret(resources);
      expect(ofType(resources, types.listener).get("orders-pooled")).toMatchObject({ port: 6432 });
      expect(ofType(resources, types.targets).get("orders-pooled")).toMatchObject({
        port: 6432,
        healthCheck: { path: "/primary", port: "8008", protocol: "HTTPS" },
      });
      const secret = resources.find(
        ({ type, name }) => type === types.version && name === "orders-1-a-pooler",
      );
      const files = secretDocument(secret?.inputs["secretString"]);
      expect(Object.keys(files).sort()).toEqual([
        "ca.crt",
        "pgbouncer.ini",
        "tls.crt",
        "tls.key",
        "userlist.txt",
      ]);
      expect([files["tls.key"].mode, files["userlist.txt"].mode, files["pgbouncer.ini"].mode]).toEqual([
        ...[0o600, 0o600, 0o644],
      ]);
      expect(files["pgbouncer.ini"].content).toContain("* = host=10.90.7.11 port=5432 connect_query=");
      // Whoever logs in by it has to be let in before it is taken up.
      expect(secret?.after).toContain("orders-settings");
      const machine = ofType(resources, types.instance).get("orders-1-a");
      expect(String(machine?.["userData"])).toContain("arn:Secret:orders-1-a-pooler");
      expect(await known(cluster.pooledUri ?? pulumi.output(""))).toMatch(
        /@db\.orders\.internal:6432\/app\?sslmode=verify-full$/,
      );
    },
  );

  it("leads readers of read replicas to those that are not late, and to standbys when nobody answers", async () => {
    const { resources, cluster } = await record(onAws("abc", { replicas: replicasIn("abc") }));
    const targets = [...ofType(resources, types.target)].filter(
      ([, { targetGroupArn }]) => targetGroupArn === "arn:TargetGroup:orders-replicas",
    );
    expect(targets.map(([name, { targetId }]) => [name, targetId])).toEqual([
      ["orders-replica-reports-a-replicas", "10.90.7.8"],
    ]);
    expect(ofType(resources, types.targets).get("orders-replicas")).toMatchObject({
      port: 5432,
      healthCheck: { path: "/replica?lag=16MB", port: "8008" },
    });
    expect(await known(cluster.replicasUri ?? pulumi.output(""))).toMatch(
      /@db\.orders\.internal:5002,db\.orders\.internal:5001\/app\?sslmode=verify-full&connect_timeout=3$/,
    );
    const instances = ofType(resources, types.instance);
    const sizes = ["reports-a", "late-c"].map(
      (name) => instances.get(`orders-replica-${name}`)?.["instanceType"],
    );
    expect(sizes).toEqual(["r7g.large", "m7g.large"]);
    const kept = resources.filter(({ retained }) => retained).map(({ name }) => name);
    expect(kept.filter((name) => name.includes("-replica-"))).toEqual([]);
  });

  it("has user data that a preview shows, and outputs that open nothing unless they are secret", async () => {
    const { resources, cluster } = await record(onAws("abc"));
    const machines = resources.filter(({ type }) => type === types.instance);
    for (const { inputs } of machines) expect(openTexts(inputs["userData"])).toHaveLength(1);
    const outputs = Object.entries(cluster).filter(([, value]) => pulumi.Output.isInstance(value));
    const open: string[] = [];
    for (const [name, output] of outputs) {
      if (await pulumi.isSecret(output)) continue;
      open.push(name);
      expect(JSON.stringify(await known(output)) ?? "", name).not.toMatch(/password-of-|private-key-of-/);
    }
    expect(open).toEqual(expect.arrayContaining(["endpoint", "members", "voters", "placement", "archive"]));
    expect((await known(cluster.members)).map(({ engine }) => engine)).toEqual([
      "ssh://admin@10.90.7.11",
      "ssh://admin@10.90.7.44",
      "ssh://admin@10.90.7.77",
    ]);
  });

  it("needs no key, and refuses one", async () => {
    const storeKey = { accessKey: "mine", secretKey: "secret" };
    await expect(record({ ...onAws("a"), storeKey })).rejects.toThrow('spilo:cluster.platform is "aws"');
    const { resources } = await record(onAws("a"));
    const environments = [...ofType(resources, types.version)].filter(([name]) =>
      name.endsWith("-environment"),
    );
    for (const [, { secretString }] of environments) {
      expect(String(secretString)).not.toContain("AWS_ACCESS_KEY_ID");
    }
  });

  it("uses a network of the user's as it is, and makes nothing in it but what it needs", async () => {
    const subnets = [
      { id: "subnet-0a1b2c3d", cidr: "10.1.1.0/24" },
      { id: "subnet-0a1b2c3e", cidr: "10.1.2.0/24" },
    ];
    const given = { vpc: "vpc-0a1b2c3d", subnets, clients: ["10.0.0.0/8"], operators: ["10.9.0.0/24"] };
    const { resources } = await record(onAws("ab", { aws: given }));
    const made = Object.keys(counted(resources));
    for (const kind of ["Vpc", "Subnet", "RouteTable", "NatGateway", "InternetGateway", "VpcEndpoint"]) {
      expect(made).not.toContain(kind);
    }
    const places = [...ofType(resources, types.interface)].map(([name, inputs]) => [
      name,
      inputs["subnetId"],
    ]);
    expect(Object.fromEntries(places)).toMatchObject({
      "orders-1-a": "subnet-0a1b2c3d",
      "orders-2-b": "subnet-0a1b2c3e",
    });
    for (const [, { vpcId }] of ofType(resources, types.group)) expect(vpcId).toBe("vpc-0a1b2c3d");
  });

  it("has its endpoint in the user's hosted zone", async () => {
    const dns = { zoneId: "Z0ABCDEF", name: "orders.example.org" };
    const { resources, cluster } = await record(onAws("ab", { aws: { dns } }));
    expect(ofType(resources, types.record).get("orders-endpoint")).toMatchObject({
      zoneId: "Z0ABCDEF",
      name: "orders.example.org",
      type: "A",
      aliases: [
        { name: "orders-endpoint.elb.example", zoneId: "ZLOADBALANCER", evaluateTargetHealth: false },
      ],
    });
    expect(counted(resources)).not.toHaveProperty("Zone");
    expect(await known(cluster.uri)).toMatch(
      /@orders\.example\.org:5000\/app\?sslmode=verify-full&target_session_attrs=read-write$/,
    );
    expect(await known(cluster.readOnlyUri)).toMatch(/@orders\.example\.org:5001\/app\?sslmode=verify-full$/);
    expect(await known(cluster.multiHostUri)).toContain("@10.90.7.11:5432,10.90.7.44:5432,10.90.7.13:5432/");
  });

  it("has its data guarded in every stack but dev, and free at once in that", async () => {
    const guarded = (await record(onAws("ab", { aws: { replica } }), { stack: "prod" })).resources;
    const free = (await record(onAws("ab", { aws: { replica } }))).resources;
    const protectedOnes = (resources: readonly Recorded[]) =>
      resources.filter(({ type, protect }) => type.startsWith("aws:") && protect).map(({ name }) => name);
    expect(protectedOnes(guarded)).toEqual(["orders-bucket", "orders-bucket-2"]);
    expect(protectedOnes(free)).toEqual([]);
    const kept = (resources: readonly Recorded[]) =>
      resources.filter(({ retained }) => retained).map(({ name }) => name);
    expect(kept(guarded)).toEqual(["orders-1-a-data", "orders-2-b-data", "orders-3-a-data"]);
    expect(kept(free)).toEqual([]);
    const windows = (resources: readonly Recorded[]) =>
      new Set([...ofType(resources, types.secret).values()].map((inputs) => inputs["recoveryWindowInDays"]));
    expect([windows(guarded), windows(free)]).toEqual([new Set([7]), new Set([0])]);
    const emptied = (resources: readonly Recorded[]) => ofType(resources, types.bucket).get("orders-bucket");
    expect([emptied(guarded)?.["forceDestroy"], emptied(free)?.["forceDestroy"]]).toEqual([false, true]);
  });
});
