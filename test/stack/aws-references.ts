import { expect } from "vitest";
import type { GroupName } from "../../cluster/aws/aws-plan.ts";
import { ofType, openTexts, type Recorded } from "./recorder.ts";

/** Types of AWS's that tests look at. */
export const types = {
  attachment: "aws:ec2/volumeAttachment:VolumeAttachment",
  bucket: "aws:s3/bucket:Bucket",
  group: "aws:ec2/securityGroup:SecurityGroup",
  instance: "aws:ec2/instance:Instance",
  interface: "aws:ec2/networkInterface:NetworkInterface",
  listener: "aws:lb/listener:Listener",
  policy: "aws:iam/rolePolicy:RolePolicy",
  profile: "aws:iam/instanceProfile:InstanceProfile",
  record: "aws:route53/record:Record",
  secret: "aws:secretsmanager/secret:Secret",
  target: "aws:lb/targetGroupAttachment:TargetGroupAttachment",
  targets: "aws:lb/targetGroup:TargetGroup",
  version: "aws:secretsmanager/secretVersion:SecretVersion",
  volume: "aws:ebs/volume:Volume",
};

/** What a cluster has besides members and voters. */
export interface Besides {
  /** Whether it has read replicas. */
  readonly readers: boolean;
  /** Whether each member has a pool beside it. */
  readonly pooled: boolean;
}

/** Everything refers to what is its own. */
export function expectReferences(resources: readonly Recorded[], besides: Besides): void {
  const instances = ofType(resources, types.instance);
  const interfaces = ofType(resources, types.interface);
  for (const [part, instance] of instances) {
    const kind = kindOf(part);
    expect(instance).toMatchObject({
      primaryNetworkInterface: { networkInterfaceId: `${part}-id` },
      iamInstanceProfile: part,
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 2 },
      rootBlockDevice: { encrypted: true },
    });
    expect(interfaces.get(part)).toMatchObject({
      subnetId: `orders-${part.at(-1)}-inner-id`,
      securityGroups: [`orders-${kind}-id`],
    });
    expect(ofType(resources, types.attachment).get(part)).toMatchObject({
      instanceId: `${part}-id`,
      volumeId: `${part}-data-id`,
      stopInstanceBeforeDetaching: true,
    });
    expect(ofType(resources, types.volume).get(`${part}-data`)).toMatchObject({
      availabilityZone: `eu-central-1${part.at(-1)}`,
      type: "gp3",
      encrypted: true,
      size: kind === "voters" ? 8 : 100,
    });
    expect(ofType(resources, types.profile).get(part)).toEqual({ role: part });
    const policy = JSON.parse(String(ofType(resources, types.policy).get(part)?.["policy"]));
    const secrets = policy.Statement.find(({ Sid }: { readonly Sid: string }) => Sid === "Secrets");
    const own = ["environment", "files", ...(besides.pooled && kind === "members" ? ["pooler"] : [])];
    expect(secrets.Resource).toEqual(own.map((what) => `arn:Secret:${part}-${what}`));
    expect(policy.Statement.map(archiveRights).join("")).toBe(archiving[kind]);
    const userData = String(instance["userData"]);
    for (const one of [
      `VOLUME='${part}-data-id'`,
      `arn:Secret:${part}-files`,
      `version-of-${part}-environment`,
    ]) {
      expect(userData).toContain(one);
    }
    const secret = ofType(resources, types.secret).get(`${part}-files`);
    expect(secret?.["name"]).toBe(`pulumi-spilo/orders/1a2b3c4d/${part}/files`);
  }
  expectGroups(resources, besides);
  const more = [...(besides.readers ? ["replicas"] : []), ...(besides.pooled ? ["pooled"] : [])];
  for (const purpose of ["read-write", "read-only", ...more]) {
    expect(ofType(resources, types.listener).get(`orders-${purpose}`)).toMatchObject({
      loadBalancerArn: "arn:LoadBalancer:orders-endpoint",
      defaultActions: [{ type: "forward", targetGroupArn: `arn:TargetGroup:orders-${purpose}` }],
    });
    expect(ofType(resources, types.targets).get(`orders-${purpose}`)).toMatchObject({
      targetType: "ip",
      preserveClientIp: "false",
      healthCheck: { protocol: "HTTPS", port: "8008", interval: 5, unhealthyThreshold: 2 },
    });
  }
  for (const [, target] of ofType(resources, types.target)) {
    const addresses = [...interfaces.values()].flatMap(({ privateIps }) => privateIps);
    expect(addresses).toContain(target["targetId"]);
    expect(target["port"]).toBe(String(target["targetGroupArn"]).endsWith("-pooled") ? 6432 : 5432);
  }
  for (const [name, { loadBalancerType, internal, enableCrossZoneLoadBalancing }] of ofType(
    resources,
    "aws:lb/loadBalancer:LoadBalancer",
  )) {
    expect([name, loadBalancerType, internal, enableCrossZoneLoadBalancing]).toEqual([
      "orders-endpoint",
      "network",
      true,
      true,
    ]);
  }
}

function kindOf(part: string): "members" | "replicas" | "voters" {
  if (part.includes("-etcd-")) return "voters";
  return part.includes("-replica-") ? "replicas" : "members";
}

/** Who may do what with the archive, shortened. */
const archiving = { members: "abort delete get list put", replicas: "get", voters: "" };

function archiveRights({ Sid, Action }: { readonly Sid: string; readonly Action: readonly string[] }) {
  return Sid === "Archive"
    ? Action.map((one) => one.match(/:([A-Z][a-z]+)/)?.[1]?.toLowerCase()).join(" ")
    : "";
}

interface RecordedRule {
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrBlocks?: readonly string[];
  readonly securityGroups?: readonly string[];
}

/** Every port of every group, and from or to which groups; a network is a `*`. */
function expectGroups(resources: readonly Recorded[], { readers, pooled }: Besides): void {
  const when = (there: boolean, ...rules: readonly string[]) => (there ? rules : []);
  const own = ["22 *", "5432 *", "5432 load-balancer", "8008 *", "8008 load-balancer"];
  const outside = ["443 *", "80 *"];
  const expected: Readonly<Record<GroupName, readonly (readonly string[])[]>> = {
    "load-balancer": [
      ["5000 *", "5001 *", ...when(readers, "5002 *"), ...when(pooled, "6432 *")],
      ["5432 *", "8008 *", ...when(pooled, "6432 *")],
    ],
    members: [
      [...own, ...when(pooled, "6432 load-balancer")],
      ["2379 *", ...outside, "5432 *", "8008 *"],
    ],
    replicas: [
      [...own, "8008 members"],
      ["2379 *", ...outside, "5432 *", "8008 *"],
    ],
    voters: [
      ["22 *", "2379 *", "2379 members", ...when(readers, "2379 replicas"), "2380 *"],
      ["2380 *", ...outside],
    ],
  };
  const groups = ofType(resources, types.group);
  const names = (["load-balancer", "members", "replicas", "voters"] as const).filter(
    (name) => readers || name !== "replicas",
  );
  expect([...groups.keys()].sort()).toEqual(names.map((name) => `orders-${name}`));
  for (const name of names) {
    const { ingress, egress } = groups.get(`orders-${name}`) ?? {};
    const told = [ingress, egress].map((rules) => toldRules(rules as readonly RecordedRule[]));
    expect([name, ...told]).toEqual([name, ...expected[name].map((rules) => rules.toSorted())]);
    for (const rules of [ingress, egress] as readonly (readonly RecordedRule[])[]) {
      const entries = rules.flatMap(({ cidrBlocks = [], securityGroups = [] }) => [
        ...cidrBlocks,
        ...securityGroups,
      ]);
      expect(entries.length, `rules of ${name}`).toBeLessThanOrEqual(60);
    }
  }
}

function toldRules(rules: readonly RecordedRule[]): readonly string[] {
  const told = rules.flatMap(({ protocol, fromPort, toPort, cidrBlocks = [], securityGroups = [] }) => {
    expect([protocol, toPort]).toEqual(["tcp", fromPort]);
    const groups = securityGroups.map((id) => id.replace(/^orders-(.*)-id$/, "$1"));
    return [...cidrBlocks.map(() => "*"), ...groups].map((party) => `${fromPort} ${party}`);
  });
  return [...new Set(told)].sort();
}

/** Nothing that opens anything is in what whoever may describe a machine can read, nor open in any input. */
export function expectNoSecret(resources: readonly Recorded[]): void {
  for (const [part, { userData }] of ofType(resources, types.instance)) {
    expect(String(userData), part).not.toMatch(/password-of-|private-key-of-|PRIVATE KEY/);
  }
  for (const { type, name, inputs } of resources.filter((one) => one.type.startsWith("aws:"))) {
    const open = openTexts(inputs).filter((text) => /password-of-|private-key-of-/.test(text));
    expect(open, `${type} ${name}`).toEqual([]);
  }
}
