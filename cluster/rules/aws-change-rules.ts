import type { AwsZonePlan } from "../aws/aws-plan.ts";
import { endpointName } from "../aws/names.ts";
import { planNetwork } from "../aws/network.ts";
import { hasAgent, sessionsLeadToMachines } from "../aws/reach.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";

/** What of a cluster on AWS may not change, as its machines, volumes and backups are there. */
export function placeOnAwsStays(before: ClusterSpec, after: ClusterSpec): readonly SpecIssue[] {
  if (before.platform !== "aws" || after.platform !== "aws") return [];
  const [older, newer] = [before.aws, after.aws];
  const region = stays(
    "aws.region",
    older?.region,
    newer?.region,
    "the cluster and its backups are there",
    "Declare a second cluster in the other region, and bring the data with pg_dump.",
  );
  const vpc = stays(
    "aws.vpc",
    older?.vpc,
    newer?.vpc,
    "every part has its address in it",
    "Declare a second cluster in the other one, and bring the data with pg_dump.",
  );
  const dns = stays(
    "aws.dns.name",
    endpointName(before.name, older?.dns),
    endpointName(after.name, newer?.dns),
    "clients know the cluster by it",
    "Make a second record that leads there, and add its name to endpoint.names.",
  );
  // Of another network every subnet is another one: one sentence says it.
  const reach = agentsComeFirst(before, after);
  return [...region, ...vpc, ...(vpc.length > 0 ? [] : subnetsStay(before, after)), ...dns, ...reach];
}

/** The machines have to be reached to be replaced by those that sessions lead to. */
function agentsComeFirst(before: ClusterSpec, after: ClusterSpec): readonly SpecIssue[] {
  if (hasAgent(before) || !sessionsLeadToMachines(after)) return [];
  const former = before.aws?.reach ?? "direct";
  return [
    {
      path: "aws.reach",
      value: "ssm",
      message: `cannot follow ${former} at once: no session leads to machines without the agent, and these have none yet`,
      remedy: `Set aws.reach back to ${former} and aws.ssmAgent to true, and run \`pulumi up\`; then set aws.reach to ssm.`,
    },
  ];
}

/** A zone's network is by its place in the list, or given with it. */
function subnetsStay(before: ClusterSpec, after: ClusterSpec): readonly SpecIssue[] {
  if (before.network.subnet !== after.network.subnet) return [];
  const held = new Map(planNetwork(before).zones.map((zone) => [zone.zone, nameOf(zone)]));
  return planNetwork(after).zones.flatMap((zone, index) => {
    const older = held.get(zone.zone);
    if (older === undefined || older === nameOf(zone)) return [];
    const given = after.aws?.vpc !== undefined;
    return [
      {
        path: given ? `aws.subnets[${index}]` : `placement.zones[${index}]`,
        message: `zone ${zone.zone} must stay in ${older}: its parts have their addresses there`,
        remedy: given
          ? "Set it back, in the order of placement.zones."
          : "Leave zones in their places, and add others at the end.",
      },
    ];
  });
}

function nameOf({ inner: { id, cidr } }: AwsZonePlan): string {
  return id === undefined ? cidr : `${id} (${cidr})`;
}

function stays(
  path: string,
  older: string | undefined,
  newer: string | undefined,
  why: string,
  way: string,
): readonly SpecIssue[] {
  if (older === newer) return [];
  const back = older === undefined ? "Remove it" : `Set it back to ${older}`;
  const message = `must stay ${older ?? "unset"}: ${why}`;
  return [{ path, ...(newer === undefined ? {} : { value: newer }), message, remedy: `${back}. ${way}` }];
}
