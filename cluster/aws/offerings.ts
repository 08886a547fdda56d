import { andList } from "../and-list.ts";
import type { ClusterPlan } from "../plan-types.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { AwsPlan } from "./aws-plan.ts";

/** A type of machine, and where a plan has machines of it. */
export interface WantedType {
  /** What names it. */
  readonly setting: "aws.instanceType" | "aws.voterType" | "replicas[*].instanceType";
  readonly instanceType: string;
  readonly machines: readonly Pick<AwsPlan["machines"][number], "part" | "zone" | "availabilityZone">[];
}

/** Each type once for each setting that names it. Zones that cannot be had have no machines. */
export function wantedTypes({ machines }: AwsPlan): readonly WantedType[] {
  const ofMembers = machines.find(({ kind }) => kind === "member")?.instanceType;
  const settingOf = ({ kind, instanceType }: AwsPlan["machines"][number]): WantedType["setting"] => {
    if (kind === "voter") return "aws.voterType";
    return instanceType === ofMembers ? "aws.instanceType" : "replicas[*].instanceType";
  };
  const settings = ["aws.instanceType", "aws.voterType", "replicas[*].instanceType"] as const;
  return settings.flatMap((setting) => {
    const named = machines.filter((machine) => settingOf(machine) === setting);
    return [...new Set(named.map(({ instanceType }) => instanceType))].map((instanceType) => ({
      setting,
      instanceType,
      machines: named.filter((machine) => machine.instanceType === instanceType),
    }));
  });
}

/**
 * What is wrong with a plan when a type is offered in these availability zones and in no others. An instance there could
 * not be made, and by then half of the cluster would be.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html
 */
export function unoffered(
  plan: Pick<ClusterPlan, "zones" | "placement">,
  { setting, instanceType, machines }: WantedType,
  offeredIn: readonly string[],
): readonly SpecIssue[] {
  const homeless = machines.filter(({ availabilityZone }) => !offeredIn.includes(availabilityZone));
  if (homeless.length === 0) return [];
  const zones = andList([...new Set(homeless.map(({ availabilityZone }) => availabilityZone))]);
  const elsewhere = offeredIn.length === 0 ? "in no other zone" : `in ${andList(offeredIn.toSorted())}`;
  return [
    {
      path: setting,
      value: instanceType,
      message: `AWS does not offer it in ${zones}, where ${andList(homeless.map(({ part }) => part))} would stand, but ${elsewhere}`,
      remedy: `Choose another type, or other zones${fallback(
        plan,
        homeless.map(({ zone }) => zone),
      )}.`,
    },
  ];
}

/** The way on that a lost zone has as well; there is none for what stands in a single zone, or when no zone is left. */
function fallback(
  { zones, placement }: Pick<ClusterPlan, "zones" | "placement">,
  without: readonly string[],
): string {
  const isLeft = zones.some(
    ({ name, available, witness }) => available && !witness && !without.includes(name),
  );
  if (placement.mode === "zonal" || !isLeft) return "";
  const keys = zones.flatMap(({ name }, index) =>
    without.includes(name) ? [`placement.zones[${index}].available to false`] : [],
  );
  const allowed = placement.fallbackToSameZone ? [] : ["placement.fallbackToSameZone to true"];
  return `; or set ${andList([...keys, ...allowed])}: then all stands in the zones that are left`;
}
