import { expect } from "vitest";
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

/** Everything refers to what is its own. */
export function expectReferences(resources: readonly Recorded[]): void {
  const instances = ofType(resources, types.instance);
  const interfaces = ofType(resources, types.interface);
  for (const [part, instance] of instances) {
    const kind = part.includes("-etcd-") ? "voters" : "members";
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
    expect(secrets.Resource).toEqual([`arn:Secret:${part}-environment`, `arn:Secret:${part}-files`]);
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
  for (const purpose of ["read-write", "read-only"]) {
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
    expect(target["port"]).toBe(5432);
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
