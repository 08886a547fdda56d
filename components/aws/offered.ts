import * as pulumi from "@pulumi/pulumi";
import { unoffered, type WantedType, wantedTypes } from "../../cluster/aws/offerings.ts";
import { type ClusterPlan, formatIssue } from "../../cluster/index.ts";
import { refusal } from "../refusal.ts";
import { awsSdk } from "./sdk.ts";

/**
 * Asks AWS whether it offers the machines of a plan where they are to stand: in a preview as well, so that who reviews it
 * sees what `up` would be refused for. Where AWS does not say, that is a warning: machines that cannot be made are found
 * when they are made then.
 *
 * @param provider by which the machines are made. It makes nothing by itself.
 * @returns when nothing speaks against it.
 * @throws pulumi.RunError with every type that is not offered somewhere.
 */
export async function untilOffered(plan: ClusterPlan, provider: pulumi.ProviderResource): Promise<void> {
  const wanted = plan.aws === undefined ? [] : wantedTypes(plan.aws);
  const issues = await Promise.all(
    wanted.map(async (type) => {
      const zones = await zonesOffering(type, provider);
      return zones === undefined ? [] : unoffered(plan, type, zones);
    }),
  );
  const all = issues.flat();
  if (all.length > 0) throw refusal(all.map(formatIssue).join("\n"));
}

/** Availability zones; undefined where nobody says. */
async function zonesOffering(
  { instanceType }: WantedType,
  provider: pulumi.ProviderResource,
): Promise<readonly string[] | undefined> {
  try {
    const asked = {
      locationType: "availability-zone",
      filters: [{ name: "instance-type", values: [instanceType] }],
    };
    const { locations } = await awsSdk().ec2.getInstanceTypeOfferings(asked, { provider });
    return locations;
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error).replaceAll(/\s+/g, " ");
    await pulumi.log.warn(`which zones offer ${instanceType} is not known: ${reason.trim()}`);
    return undefined;
  }
}
