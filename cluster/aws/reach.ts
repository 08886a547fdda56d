import type { Incarnation } from "../incarnation.ts";
import { wayText } from "../placement/way.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { AwsNetworkPlan, AwsPlan, AwsReachPlan } from "./aws-plan.ts";

export function planReach({ aws }: Pick<ClusterSpec, "aws">): AwsReachPlan {
  const { reach = "direct", bastion, ssm } = aws ?? {};
  if (reach === "bastion") return { by: reach, user: "admin", host: "", port: 22, ...bastion };
  if (reach === "direct") return { by: reach };
  const { user = "admin", instance } = ssm ?? {};
  return { by: reach, user, ...(instance === undefined ? {} : { instance }) };
}

/**
 * The way that actions go by, as `placement/way.ts` writes it; undefined: none is needed. A machine of the cluster's own
 * is found when it is needed, by what it is tagged with: its id is an input of nothing, and another one's tomorrow.
 */
export function wayOf(
  { reach, region }: Pick<AwsPlan, "reach" | "region">,
  cluster: string,
  incarnation: Incarnation,
): string | undefined {
  if (reach.by === "direct") return undefined;
  if (reach.by === "bastion") return wayText({ ...reach, by: "ssh" });
  const { by, user, instance } = reach;
  return wayText({ by, user, region, ...(instance === undefined ? { cluster, incarnation } : { instance }) });
}

/** As part of a sentence. */
export function describeReach({ reach, region }: Pick<AwsPlan, "reach" | "region">): string {
  if (reach.by === "direct") return "directly";
  if (reach.by === "bastion") return `by the bastion ${reach.user}@${reach.host}:${reach.port}`;
  const to = reach.instance ?? "one of its own machines";
  return `by a session of Systems Manager in ${region} to ${to}`;
}

/** What it takes to act on a cluster, when it is new or reached in another way; undefined when there is nothing to say. */
export function describeReachOf(before: ClusterSpec | undefined, now: ClusterSpec): string | undefined {
  if (now.platform !== "aws") return undefined;
  const [older, newer] = [before, now].map((spec) => {
    if (spec === undefined) return undefined;
    return describeReach({ reach: planReach(spec), region: spec.aws?.region ?? "" });
  });
  if (newer === undefined || older === newer) return undefined;
  return `as soon as a machine of ${now.name} runs, \`pulumi up\` and \`spiloctl\` have to reach it ${newer} (aws.reach)`;
}

/** Whether actions go by a session to one of the cluster's own machines. */
export function sessionsLeadToMachines({ aws }: Pick<ClusterSpec, "aws">): boolean {
  return aws?.reach === "ssm" && aws.ssm?.instance === undefined;
}

/** Whether the agent of Systems Manager runs on the machines. */
export function hasAgent(spec: Pick<ClusterSpec, "aws">): boolean {
  return spec.aws?.ssmAgent ?? sessionsLeadToMachines(spec);
}

/** Who is let in from outside to act; nobody, where sessions lead to the machines and nobody is named. */
export function operatorsOf(
  spec: Pick<ClusterSpec, "aws">,
  network: Pick<AwsNetworkPlan, "cidr">,
): readonly string[] {
  return spec.aws?.operators ?? (sessionsLeadToMachines(spec) ? [] : [network.cidr]);
}
