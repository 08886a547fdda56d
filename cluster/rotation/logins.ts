import type { ClusterPlan, LoginsPlan } from "../plan-types.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import {
  applicationRoleNames,
  etcdUsers,
  otherOf,
  type RolePurpose,
  roleNames,
  rolePurposes,
} from "./roles.ts";
import { roleOfGeneration } from "./rotation.ts";

/** Who logs in by which name, and who no longer does, as the generations of the specification have it. */
export function planLogins({ rotation, application: { role } }: ClusterSpec): LoginsPlan {
  const { passwords, application, formerApplication } = rotation;
  const nameOf = (purpose: RolePurpose) => roleOfGeneration(roleNames(purpose), passwords);
  const applicationNames = applicationRoleNames(role);
  const applicationName = roleOfGeneration(applicationNames, application);
  const formerApplicationName = otherOf(applicationNames, applicationName);
  return {
    generations: { passwords, application },
    current: {
      standby: nameOf("standby"),
      rewind: nameOf("rewind"),
      operator: nameOf("operator"),
      pooler: nameOf("pooler"),
      application: applicationName,
      etcd: roleOfGeneration(etcdUsers, passwords),
    },
    formerOperator: otherOf(roleNames("operator"), nameOf("operator")),
    closed: [
      ...rolePurposes.map((purpose) => otherOf(roleNames(purpose), nameOf(purpose))),
      ...(formerApplication === "closed" ? [formerApplicationName] : []),
    ],
  };
}

/** Every login of the project's own in the database that is not in use: the other one of each purpose. */
export function sparesOf({
  application: { role },
  logins: { current },
}: Pick<ClusterPlan, "application" | "logins">): readonly string[] {
  return [
    ...rolePurposes.map((purpose) => otherOf(roleNames(purpose), current[purpose])),
    otherOf(applicationRoleNames(role), current.application),
  ];
}
