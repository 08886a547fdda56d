import { describe, expect, it } from "vitest";
import { parseSpec } from "../../cluster/index.ts";
import { onAws } from "./aws-specifications.ts";
import { refusalOf } from "./specifications.ts";

const vpc = { vpc: "vpc-0a1b2c3d", clients: ["10.0.0.0/8"], operators: ["10.1.9.0/24"] };
const subnet = { id: "subnet-0a1b2c3d", cidr: "10.1.0.0/24" };

describe("a specification of a cluster on AWS", () => {
  it.each([
    ["in one zone", onAws("a")],
    ["over four zones, one of which is a witness", withWitness()],
    ["in a network of the user's", onAws("a", { aws: { ...vpc, subnets: [subnet] } })],
    ["with a name and a second region", onAws("abc", { aws: { dns, replica } })],
  ])("is accepted %s", (_title, written) => {
    expect(parseSpec(written).platform).toBe("aws");
  });

  it("has the archive in its own region, no address that moves, and the endpoint's name in certificates", () => {
    const { backup, endpoint } = parseSpec(onAws("abc", { backup: { region: "us-east-1" } }));
    expect(backup.region).toBe("eu-central-1");
    expect(endpoint).toMatchObject({ vip: undefined, names: ["db.orders.internal"] });
    expect(parseSpec(onAws("abc", { aws: { dns } })).endpoint.names).toEqual(["orders.example.org"]);
  });
});

const dns = { zoneId: "Z0ABCDEF", name: "orders.example.org" };
const replica = { region: "eu-west-1", bucket: "orders-wal-2" };

describe("a specification on AWS is refused", () => {
  it.each([
    [
      "without a region",
      { ...onAws("abc"), aws: { ami: "ami-0a1b2c3d", keyPair: "k" } },
      "aws.region",
      "missing",
    ],
    [
      "without an image",
      { ...onAws("abc"), aws: { region: "eu-central-1", keyPair: "k" } },
      "aws.ami",
      "missing",
    ],
    [
      "without a key pair",
      { ...onAws("abc"), aws: { region: "eu-central-1", ami: "ami-0a1b2c3d" } },
      "aws.keyPair",
      "missing",
    ],
    ["without a word of AWS", { ...onAws("abc"), aws: undefined }, "aws.region", "missing"],
    [
      "with an address that moves",
      onAws("abc", { endpoint: { vip: "10.90.7.10" } }),
      "endpoint.vip",
      "no address moves",
    ],
    ["without a size of volumes", onAws("abc", { resources: {} }), "resources.volume", "missing"],
    [
      "with a zone that is none",
      { ...onAws("a"), placement: {} },
      "placement.zones[0].name",
      "no availability zone",
    ],
    ["with a zone twice", onAws("aab"), "placement.zones[1].name", "is that of placement.zones[0]"],
    ["with an engine", zoned({ host: "ssh://db-a" }), "placement.zones[0].host", "of no use on AWS"],
    [
      "with a host's address",
      zoned({ address: "10.1.0.1" }),
      "placement.zones[0].address",
      "of no use on AWS",
    ],
    ["with more zones than a made network has", onAws("abcde"), "placement.zones", "room for 4"],
    ["with subnets of no VPC", onAws("a", { aws: { subnets: [subnet] } }), "aws.subnets", "not named"],
    [
      "with too few subnets",
      onAws("abc", { aws: { ...vpc, subnets: [subnet] } }),
      "aws.subnets",
      "1 subnets for 3 zones",
    ],
    ["with a subnet without room", small(), "aws.subnets[0].cidr", "no room"],
    [
      "with a VPC and nobody let in",
      onAws("a", { aws: { vpc: vpc.vpc, subnets: [subnet] } }),
      "aws.clients",
      "missing",
    ],
    [
      "with voters of another processor",
      onAws("a", { aws: { voterType: "t3.small" } }),
      "aws.voterType",
      "another kind",
    ],
    [
      "with a read replica of another processor",
      onAws("a", { replicas: [{ name: "reports", instanceType: "m7i.large" }] }),
      "replicas[0].instanceType",
      "another kind",
    ],
    [
      "with a second region that is the first",
      onAws("a", { aws: { replica: { ...replica, region: "eu-central-1" } } }),
      "aws.replica.region",
      "own region",
    ],
    [
      "with one bucket in two regions",
      onAws("a", { aws: { replica: { ...replica, bucket: "orders-wal" } } }),
      "aws.replica.bucket",
      "is backup.bucket",
    ],
    [
      "with a pool where a member listens",
      onAws("a", { endpoint: { pooled: true, ports: { pooled: 5432 } } }),
      "endpoint.ports.pooled",
      "is that of PostgreSQL",
    ],
    [
      "with an S3 server",
      onAws("a", { backup: { endpoint: "https://s3.example.org" } }),
      "backup.endpoint",
      "not yet available on AWS",
    ],
    [
      "with another authority",
      onAws("a", { rotation: { authority: 2 } }),
      "rotation.authority",
      "not yet available on AWS",
    ],
    [
      "by a bastion that is not named",
      onAws("a", { aws: { reach: "bastion" } }),
      "aws.bastion",
      "missing: aws.reach is bastion",
    ],
    [
      "by a bastion that is not used",
      onAws("a", { aws: { bastion: { host: "bastion.example.org" } } }),
      "aws.bastion",
      "is of no use while aws.reach is direct",
    ],
    [
      "by a bastion that is an option of ssh",
      onAws("a", { aws: { reach: "bastion", bastion: { host: "-oProxyCommand=sh" } } }),
      "aws.bastion.host",
      "must be a name or an address",
    ],
    [
      "by sessions that are not used",
      onAws("a", { aws: { ssm: {} } }),
      "aws.ssm",
      "is of no use while aws.reach is direct",
    ],
    [
      "by sessions without an agent",
      onAws("a", { aws: { reach: "ssm", ssmAgent: false } }),
      "aws.ssmAgent",
      "without it no session leads to a machine",
    ],
    [
      "by a machine of one's own that nobody lets in",
      onAws("a", {
        aws: {
          ...vpc,
          subnets: [subnet],
          operators: undefined,
          reach: "ssm",
          ssm: { instance: "i-0a1b2c3d" },
        },
      }),
      "aws.operators",
      "missing",
    ],
  ])("%s", (_title, written, path, message) => {
    const refusal = refusalOf(written);
    expect(refusal).toContain(path);
    expect(refusal).toContain(message);
  });

  it("for one reason alone where one thing is wrong", () => {
    expect(refusalOf(onAws("abc", { endpoint: { vip: "10.1.0.10" } }))).toMatch(/^1 error|^error/);
    expect(refusalOf(onAws("abc", { endpoint: { vip: "10.1.0.10" } })).match(/error {2}/g)).toHaveLength(1);
  });
});

it("words of AWS are of no use to a cluster on Docker", () => {
  expect(refusalOf({ name: "orders", aws: { region: "eu-central-1" } })).toContain(
    "while platform is docker",
  );
  const replicas = [{ name: "reports", instanceType: "m7g.large" }];
  expect(refusalOf({ name: "orders", replicas })).toContain("while platform is docker");
});

it.each([
  ["m7g.large", "t4g.small"],
  ["c7gn.xlarge", "t4g.small"],
  ["a1.large", "t4g.small"],
  ["m7i.large", "t3.small"],
  ["g5.xlarge", "t3.small"],
])("members of %s have voters of %s", async (instanceType, voterType) => {
  const { planCluster } = await import("../../cluster/index.ts");
  const { aws } = planCluster(parseSpec(onAws("abc", { aws: { instanceType } })));
  const types = new Set(aws?.machines.map((machine) => `${machine.kind} ${machine.instanceType}`));
  expect([...types].sort()).toEqual([`member ${instanceType}`, `voter ${voterType}`]);
});

function withWitness() {
  const zones = [{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d", witness: true }];
  return onAws("abcd", { placement: { mode: "cross-zone", zones } });
}

function zoned(zone: object) {
  return onAws("a", { placement: { zones: [{ name: "a", ...zone }] } });
}

function small() {
  return onAws("a", { aws: { ...vpc, subnets: [{ ...subnet, cidr: "10.1.0.0/28" }] } });
}
