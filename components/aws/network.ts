import type * as pulumi from "@pulumi/pulumi";
import type { AwsZonePlan } from "../../cluster/aws/aws-plan.ts";
import { type AwsPlace, tagsOf } from "./place.ts";

/** Where machines and the load balancer are put. */
export interface AwsNetwork {
  readonly vpc: pulumi.Input<string>;
  /** By zone. */
  readonly inner: ReadonlyMap<string, pulumi.Input<string>>;
  /** Of the zones where the load balancer answers. */
  readonly outer: readonly pulumi.Input<string>[];
  /** What a machine needs to get at anything outside. */
  readonly ways: readonly pulumi.Resource[];
}

/** The user's network, of which nothing is changed; or one that is made. */
export function makeNetwork(place: AwsPlace): AwsNetwork {
  const { vpc, zones } = place.on.network;
  if (vpc === undefined) return ownNetwork(place);
  const serving = zones.filter(({ serves }) => serves);
  return {
    vpc,
    inner: new Map(zones.map(({ zone, inner }) => [zone, inner.id ?? ""])),
    outer: serving.map(({ outer }) => outer.id ?? ""),
    ways: [],
  };
}

/**
 * A VPC in which no machine has a public address: each zone has a way out of its own, so that none depends on another,
 * and WAL goes to S3 by a way that costs nothing.
 */
function ownNetwork(place: AwsPlace): AwsNetwork {
  const { aws, cluster, on, opts } = place;
  const tags = (name: string) => ({ tags: tagsOf(place, name) });
  const vpc = new aws.ec2.Vpc(
    `${cluster}-vpc`,
    { cidrBlock: on.network.cidr, enableDnsHostnames: true, enableDnsSupport: true, ...tags(cluster) },
    opts,
  );
  const gateway = new aws.ec2.InternetGateway(
    `${cluster}-gateway`,
    { vpcId: vpc.id, ...tags(cluster) },
    opts,
  );
  const outside = new aws.ec2.RouteTable(
    `${cluster}-outside`,
    {
      vpcId: vpc.id,
      routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
      ...tags(`${cluster}-outside`),
    },
    opts,
  );
  const made = on.network.zones.map((zone) =>
    ownZone(place, zone, { vpc: vpc.id, outside: outside.id, gateway }),
  );
  const endpoint = new aws.ec2.VpcEndpoint(
    `${cluster}-s3`,
    {
      vpcId: vpc.id,
      serviceName: `com.amazonaws.${on.region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: made.map(({ table }) => table),
      ...tags(`${cluster}-s3`),
    },
    opts,
  );
  return {
    vpc: vpc.id,
    inner: new Map(made.map(({ zone, inner }) => [zone.zone, inner])),
    outer: made.filter(({ zone }) => zone.serves).map(({ outer }) => outer),
    ways: [endpoint, ...made.flatMap(({ ways }) => ways)],
  };
}

interface Around {
  readonly vpc: pulumi.Input<string>;
  readonly outside: pulumi.Input<string>;
  readonly gateway: pulumi.Resource;
}

function ownZone(place: AwsPlace, zone: AwsZonePlan, { vpc, outside, gateway }: Around) {
  const { aws, cluster, opts } = place;
  const name = `${cluster}-${zone.zone}`;
  const tags = (what: string) => ({ tags: tagsOf(place, `${name}-${what}`) });
  const subnet = (what: "inner" | "outer") =>
    new aws.ec2.Subnet(
      `${name}-${what}`,
      {
        vpcId: vpc,
        cidrBlock: zone[what].cidr,
        availabilityZone: zone.availabilityZone,
        mapPublicIpOnLaunch: false,
        ...tags(what),
      },
      opts,
    );
  const [inner, outer] = [subnet("inner"), subnet("outer")];
  const address = new aws.ec2.Eip(`${name}-out`, { domain: "vpc", ...tags("out") }, opts);
  const way = new aws.ec2.NatGateway(
    `${name}-out`,
    { allocationId: address.id, subnetId: outer.id, ...tags("out") },
    { ...opts, dependsOn: gateway },
  );
  const table = new aws.ec2.RouteTable(
    `${name}-inner`,
    { vpcId: vpc, routes: [{ cidrBlock: "0.0.0.0/0", natGatewayId: way.id }], ...tags("inner") },
    opts,
  );
  const associate = (what: string, subnetId: pulumi.Input<string>, routeTableId: pulumi.Input<string>) =>
    new aws.ec2.RouteTableAssociation(`${name}-${what}`, { subnetId, routeTableId }, opts);
  return {
    zone,
    inner: inner.id,
    outer: outer.id,
    table: table.id,
    ways: [associate("inner", inner.id, table.id), associate("outer", outer.id, outside)],
  };
}
