import * as pulumi from "@pulumi/pulumi";
import type { GroupName, GroupPlan, GroupRule } from "../../cluster/aws/aws-plan.ts";
import { type AwsPlace, tagsOf } from "./place.ts";

/** Ids of the security groups; of one that the plan has no need of, none. */
export type Groups = Readonly<Record<GroupName, pulumi.Output<string>>>;

/** Rules stand in their group: one by one, one that was revoked by hand would make every refresh fail. */
export function makeGroups(place: AwsPlace, vpc: pulumi.Input<string>): Groups {
  const made: Partial<Record<GroupName, pulumi.Output<string>>> = {};
  for (const group of place.on.groups) made[group.name] = makeGroup(place, vpc, group, made);
  const of = (name: GroupName) => made[name] ?? pulumi.output("");
  return {
    "load-balancer": of("load-balancer"),
    members: of("members"),
    replicas: of("replicas"),
    voters: of("voters"),
  };
}

function makeGroup(
  place: AwsPlace,
  vpcId: pulumi.Input<string>,
  { name, rules }: GroupPlan,
  known: Partial<Record<GroupName, pulumi.Output<string>>>,
): pulumi.Output<string> {
  const { aws, cluster, opts } = place;
  const form = ({ port, party, why }: GroupRule) => ({
    protocol: "tcp",
    fromPort: port,
    toPort: port,
    description: why,
    ...("networks" in party
      ? { cidrBlocks: [...party.networks] }
      : { securityGroups: [known[party.group] ?? ""] }),
  });
  const group = new aws.ec2.SecurityGroup(
    `${cluster}-${name}`,
    {
      vpcId,
      // AWS takes no name that begins with sg-, and a cluster may be called that.
      namePrefix: `spilo-${cluster}-${name}-`,
      description: `${name} of the PostgreSQL cluster ${cluster}`,
      ingress: rules.filter(({ direction }) => direction === "in").map(form),
      egress: rules.filter(({ direction }) => direction === "out").map(form),
      tags: tagsOf(place, `${cluster}-${name}`),
    },
    opts,
  );
  return group.id;
}
