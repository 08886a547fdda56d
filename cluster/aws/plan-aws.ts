import type { Site, Sites } from "../placement/sites.ts";
import type { ZonePlan } from "../plan-types.ts";
import { type StandingReplica, standingReplicas, takesReaders } from "../replicas/plan-replicas.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { memoryMib } from "../schema/quantity.ts";
import type {
  AwsBucketPlan,
  AwsPlan,
  DataVolumePlan,
  ListenerPlan,
  LoadBalancerPlan,
  MachinePlan,
} from "./aws-plan.ts";
import { availabilityZone, endpointName, privateZone } from "./names.ts";
import { planNetwork } from "./network.ts";
import { isArm } from "./processor.ts";
import { hasAgent, planReach } from "./reach.ts";
import { planGroups } from "./security-groups.ts";
import { sitesOnMachines } from "./sites.ts";

/** What AWS has a say in of a plan. */
export interface OnAws {
  readonly plan: AwsPlan;
  readonly sites: Sites;
  /** A zone is no engine there. */
  zone(zone: ZonePlan): ZonePlan;
}

export function planAws(spec: ClusterSpec): OnAws {
  const region = spec.aws?.region ?? "";
  const network = planNetwork(spec);
  const sites = sitesOnMachines(spec, network);
  const replicas = standingReplicas(spec, sites);
  return {
    sites,
    zone: (zone) => ({ ...zone, host: `aws:${availabilityZone(region, zone.name)}` }),
    plan: {
      region,
      reach: planReach(spec),
      network,
      groups: planGroups(spec, network, replicas),
      machines: planMachines(spec, sites, replicas),
      loadBalancer: planLoadBalancer(spec, sites, replicas),
      bucket: planBucket(spec),
      secretRecoveryDays: spec.deletionProtection ? 7 : 0,
    },
  };
}

/** etcd's quota is 2 GiB, and a snapshot is as large again. */
const voterGib = 8;

function planMachines(
  spec: ClusterSpec,
  { members, voters }: Sites,
  replicas: readonly StandingReplica[],
): readonly MachinePlan[] {
  const { aws, resources, deletionProtection } = spec;
  const { region = "", ami = "", keyPair = "", instanceType = "" } = aws ?? {};
  const agent = hasAgent(spec);
  const voterType = aws?.voterType ?? (isArm(instanceType) ? "t4g.small" : "t3.small");
  const machine = (
    site: { readonly name: string; readonly zone: string; readonly address: string },
    kind: MachinePlan["kind"],
    type: string,
    volume: DataVolumePlan,
  ): MachinePlan => ({
    ...{ part: site.name, kind, zone: site.zone, address: site.address },
    availabilityZone: availabilityZone(region, site.zone),
    ...{ instanceType: type, ami, keyPair, agent, volume },
  });
  const memberGib = Math.ceil(memoryMib(resources.volume ?? "100GB") / 1024);
  return [
    ...voters.map((site) => machine(site, "voter", voterType, { size: voterGib, retained: false })),
    ...replicas.map(({ replica, site }) =>
      // What is on it is on the members as well.
      machine(site, "replica", replica.instanceType ?? instanceType, { size: memberGib, retained: false }),
    ),
    ...members
      .slice(0, spec.members)
      .map((site) =>
        machine(site, "member", instanceType, { size: memberGib, retained: deletionProtection }),
      ),
  ];
}

function planLoadBalancer(
  { name, aws, members, endpoint }: ClusterSpec,
  sites: Sites,
  replicas: readonly StandingReplica[],
): LoadBalancerPlan {
  const { readWrite, readOnly, replicas: replicasPort, pooled } = endpoint.ports;
  const target = ({ name: part, address }: Site) => ({ part, address });
  const leading = sites.members.slice(0, members).map(target);
  const reading = replicas.filter(takesReaders).map(({ site }) => target(site));
  // As far behind as a proxy would still lead to.
  const fresh = "/replica?lag=16MB";
  return {
    listeners: [
      listener("read-write", readWrite, "/primary", leading),
      listener("read-only", readOnly, fresh, leading),
      ...(replicas.length === 0 ? [] : [listener("replicas", replicasPort, fresh, reading)]),
      // To the pool beside whoever leads.
      ...(endpoint.pooled
        ? [{ ...listener("pooled", pooled, "/primary", leading), targetPort: pooled }]
        : []),
    ],
    name: endpointName(name, aws?.dns),
    ...(aws?.dns === undefined ? {} : { hostedZone: aws.dns.zoneId }),
    privateZone: privateZone(name),
  };
}

function listener(
  purpose: ListenerPlan["purpose"],
  port: number,
  path: string,
  targets: ListenerPlan["targets"],
): ListenerPlan {
  return { purpose, port, targetPort: 5432, check: { port: 8008, path }, targets };
}

function planBucket({ aws, backup, deletionProtection, finalBackup }: ClusterSpec): AwsBucketPlan {
  const { replica } = aws ?? {};
  return {
    name: backup.bucket,
    region: backup.region,
    formerDays: 7,
    ...(replica === undefined ? {} : { replica: { name: replica.bucket, region: replica.region } }),
    emptied: !deletionProtection && !finalBackup,
  };
}
