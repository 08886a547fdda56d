import type * as pulumi from "@pulumi/pulumi";
import { sparesOf } from "../cluster/index.ts";
import type { LeaderBase } from "./base.ts";
import { membersOnEngines } from "./members.ts";
import { Restored } from "./resources/restored.ts";
import { restUser } from "./secrets.ts";

/**
 * What has to be there before anything is done at the leader: the members, and of a cluster that begins from an archive
 * that this is replayed.
 */
export function makeRestored(
  base: LeaderBase,
  members: readonly pulumi.Resource[],
): readonly pulumi.Resource[] {
  const { plan, secrets, identities, within } = base;
  if (plan.origin === undefined) return members;
  const args = {
    cluster: plan.cluster,
    members: membersOnEngines(base),
    access: identities.access,
    closed: sparesOf(plan),
    restUser,
    restPassword: secrets.rest,
  };
  return [...members, new Restored(`${plan.cluster}-restored`, args, { ...within, dependsOn: [...members] })];
}
