import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../cluster/index.ts";
import { untilOffered } from "./aws/offered.ts";
import { awsPlatform, awsProvider } from "./aws/platform.ts";
import { dockerPlatform } from "./docker/platform.ts";
import type { Begun } from "./origin.ts";
import type { Beginning, Platform } from "./platform.ts";

/** What a platform stands on: it is there before the specification is, and nothing is made by it yet. */
export interface Ground {
  /** By what everything is made on AWS. */
  readonly aws?: pulumi.ProviderResource;
  /** Resolves when nothing of what only the platform knows speaks against the plan. */
  readonly sound: Promise<pulumi.Resource[]>;
}

/** On Docker all is in the specification; AWS is asked what it offers. */
export function groundOf(plan: ClusterPlan, within: { readonly parent: pulumi.Resource }): Ground {
  if (plan.aws === undefined) return { sound: Promise.resolve([]) };
  const aws = awsProvider(plan.cluster, plan.aws, within);
  return { aws, sound: untilOffered(plan, aws).then(() => []) };
}

/** The platform that a plan is for. */
export function platformOf(
  plan: ClusterPlan,
  ground: Ground,
  { token, byRole }: Pick<Begun, "token" | "byRole">,
  within: { readonly parent: pulumi.Resource },
  beginning: Beginning,
): Platform {
  const { aws } = plan;
  return aws === undefined || ground.aws === undefined
    ? dockerPlatform(plan, token, within)
    : awsPlatform(plan, aws, { token, byRole }, { ...within, provider: ground.aws }, beginning);
}
