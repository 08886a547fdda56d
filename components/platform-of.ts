import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../cluster/index.ts";
import { awsPlatform } from "./aws/platform.ts";
import { dockerPlatform } from "./docker/platform.ts";
import type { Beginning, Platform } from "./platform.ts";

/** The platform that a plan is for. */
export function platformOf(
  plan: ClusterPlan,
  incarnation: pulumi.Output<string>,
  within: { readonly parent: pulumi.Resource },
  beginning: Beginning,
): Platform {
  const { aws } = plan;
  return aws === undefined
    ? dockerPlatform(plan, incarnation, within)
    : awsPlatform(plan, aws, incarnation, within, beginning);
}
