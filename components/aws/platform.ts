import type * as pulumi from "@pulumi/pulumi";
import type { AwsPlan, MachinePlan } from "../../cluster/aws/aws-plan.ts";
import { memberOrder, poolerOrder, voterOrder } from "../../cluster/aws/container-order.ts";
import { wayOf } from "../../cluster/aws/reach.ts";
import type { ClusterPlan, MemberPlan, ServerPartPlan } from "../../cluster/index.ts";
import type { Begun } from "../origin.ts";
import type { Beginning, ConfigurationFile, Platform } from "../platform.ts";
import { makeBucket } from "./bucket.ts";
import { makeGroups } from "./groups.ts";
import { makeLoadBalancer } from "./load-balancer.ts";
import { type MachineMaking, makeMachine } from "./machine.ts";
import { makeNetwork } from "./network.ts";
import type { AwsPlace } from "./place.ts";
import { reached } from "./reached.ts";
import { awsSdk } from "./sdk.ts";

/** By what everything is made. Making it makes nothing on AWS. */
export function awsProvider(
  cluster: string,
  { region }: AwsPlan,
  within: { readonly parent: pulumi.Resource },
): pulumi.ProviderResource {
  const aws = awsSdk();
  return new aws.Provider(`${cluster}-aws`, { region }, within);
}

/**
 * Zones are availability zones, and each part has a machine of its own. In front of the members is a load balancer, and
 * the archive is a bucket of S3, which machines are let into by what they are.
 */
export function awsPlatform(
  plan: ClusterPlan,
  on: AwsPlan,
  { token: incarnation, byRole: origin }: Pick<Begun, "token" | "byRole">,
  opts: { readonly parent: pulumi.Resource; readonly provider: pulumi.ProviderResource },
  { orders, hold }: Beginning,
): Platform {
  const { cluster } = plan;
  const place: AwsPlace = { aws: awsSdk(), cluster, plan, on, incarnation, origin, opts };
  const way =
    on.reach.by === "direct" ? undefined : incarnation.apply((token) => wayOf(on, cluster, token) ?? "");
  hold(reached(place, way, orders));
  const network = makeNetwork(place);
  const groups = makeGroups(place, network.vpc);
  const bucket = makeBucket(place);
  makeLoadBalancer(place, network, groups);
  const machines = new Map(on.machines.map((machine) => [machine.part, machine]));
  const machineOf = (part: string): MachinePlan => {
    const machine = machines.get(part);
    if (machine === undefined) throw new Error(`the plan names no machine for ${part}`);
    return machine;
  };
  const engineOf = ({ name }: { readonly name: string }) => `ssh://admin@${machineOf(name).address}`;
  const common = (name: string) => {
    const machine = machineOf(name);
    const subnet = network.inner.get(machine.zone) ?? "";
    return {
      machine,
      subnet,
      group: groups[groupOf[machine.kind]],
      engine: engineOf({ name }),
      ways: [bucket, ...network.ways],
    };
  };
  return {
    voter: (voter, configuration, identity, after, turn) =>
      makeMachine(place, {
        ...common(voter.name),
        order: voterOrder(voter),
        environment: [],
        configuration: [configuration],
        ...{ identity, after, turn },
      }),
    member: (member, environment, identity, after, { turn, pooler }) =>
      makeMachine(place, {
        ...common(member.name),
        order: memberOrder(member),
        environment,
        configuration: [],
        ...{ identity, after, turn },
        ...poolBeside(member, pooler),
      }),
    proxy: ({ name }) => {
      throw new Error(`${name}: there is no proxy on AWS`);
    },
    bucketServer: ({ name }) => {
      throw new Error(`${name}: there is no S3 server on AWS`);
    },
    bucket,
    ...(way === undefined ? {} : { way }),
    // Machines look for new files by themselves.
    identified: Promise.resolve([]),
    engineOf,
    // A container is made with all of its limits.
    limitProcesses: () => undefined,
  };
}

const groupOf = { member: "members", replica: "replicas", voter: "voters" } as const;

/** Nothing where the plan has no pool beside the member. */
function poolBeside(
  member: ServerPartPlan & Pick<MemberPlan, "pooler">,
  configuration: readonly ConfigurationFile[] | undefined,
): Pick<MachineMaking, "pooler"> {
  const order = poolerOrder(member);
  return order === undefined || configuration === undefined ? {} : { pooler: { order, configuration } };
}
