import type * as pulumi from "@pulumi/pulumi";
import type { ListenerPlan } from "../../cluster/aws/aws-plan.ts";
import type { Groups } from "./groups.ts";
import type { AwsNetwork } from "./network.ts";
import { type AwsPlace, tagsOf } from "./place.ts";

/**
 * A network load balancer inside the VPC, and the endpoint's name. It knows servers by their addresses, which stay when
 * a machine is replaced.
 */
export function makeLoadBalancer(place: AwsPlace, network: AwsNetwork, groups: Groups): void {
  const { aws, cluster, on, opts, plan } = place;
  const balancer = new aws.lb.LoadBalancer(
    `${cluster}-endpoint`,
    {
      // Names of load balancers have 32 characters, which a cluster's may have alone.
      namePrefix: "spilo-",
      loadBalancerType: "network",
      internal: true,
      subnets: [...network.outer],
      securityGroups: [groups["load-balancer"]],
      // The leader is in one zone, and clients are in all.
      enableCrossZoneLoadBalancing: true,
      enableDeletionProtection: plan.teardown.protected,
      tags: tagsOf(place, `${cluster}-endpoint`),
    },
    opts,
  );
  for (const listener of on.loadBalancer.listeners) makeListener(place, listener, network.vpc, balancer.arn);
  const { name, hostedZone, privateZone } = on.loadBalancer;
  const zoneId =
    hostedZone ??
    new aws.route53.Zone(
      `${cluster}-zone`,
      {
        name: privateZone,
        comment: `of the PostgreSQL cluster ${cluster}`,
        vpcs: [{ vpcId: network.vpc, vpcRegion: on.region }],
      },
      opts,
    ).id;
  new aws.route53.Record(
    `${cluster}-endpoint`,
    {
      zoneId,
      name,
      type: "A",
      aliases: [{ name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: false }],
    },
    opts,
  );
}

function makeListener(
  place: AwsPlace,
  { purpose, port, targetPort, check, targets }: ListenerPlan,
  vpcId: pulumi.Input<string>,
  loadBalancerArn: pulumi.Input<string>,
): void {
  const { aws, cluster, opts } = place;
  const name = `${cluster}-${purpose}`;
  const group = new aws.lb.TargetGroup(
    name,
    {
      namePrefix: "spilo-",
      vpcId,
      port: targetPort,
      protocol: "TCP",
      targetType: "ip",
      // A client on a member could not reach itself, and members would have to let all clients in.
      preserveClientIp: "false",
      // Who is led to a former leader has to ask again.
      connectionTermination: true,
      deregistrationDelay: 5,
      targetHealthStates: [{ enableUnhealthyConnectionTermination: true }],
      healthCheck: {
        protocol: "HTTPS",
        port: String(check.port),
        path: check.path,
        matcher: "200",
        // As fast as AWS does it.
        interval: 5,
        timeout: 2,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
      tags: tagsOf(place, name),
    },
    opts,
  );
  for (const { part, address } of targets) {
    new aws.lb.TargetGroupAttachment(
      `${part}-${purpose}`,
      { targetGroupArn: group.arn, targetId: address, port: targetPort },
      opts,
    );
  }
  new aws.lb.Listener(
    name,
    {
      loadBalancerArn,
      port,
      protocol: "TCP",
      defaultActions: [{ type: "forward", targetGroupArn: group.arn }],
    },
    opts,
  );
}
