import * as pulumi from "@pulumi/pulumi";
import { describeReach } from "../../cluster/aws/reach.ts";
import type { Orders } from "../orders.ts";
import { refusal } from "../refusal.ts";
import type { AwsPlace } from "./place.ts";

/**
 * Comes when whoever already runs can be reached, and is what everything else waits for: an update of a cluster that
 * nobody can ask who leads would replace its members blindly. A cluster of which no machine runs is reached by nothing, and
 * may be made. A preview asks nobody.
 *
 * @throws pulumi.RunError, in what is returned.
 */
export function reached(
  { aws, cluster, incarnation, on, opts }: AwsPlace,
  way: pulumi.Input<string | undefined>,
  { reach }: Pick<Orders, "reach">,
): pulumi.Output<pulumi.Resource[]> {
  if (pulumi.runtime.isDryRun()) return pulumi.output([]);
  const running = aws.ec2.getInstancesOutput(
    {
      instanceTags: { "pulumi-spilo.cluster": cluster, "pulumi-spilo.incarnation": incarnation },
      instanceStateNames: ["running"],
    },
    opts,
  );
  return pulumi.all([running.privateIps, way]).apply(async ([addresses, by]) => {
    if (addresses.length === 0) return [];
    try {
      await reach({ way: by, addresses });
      return [];
    } catch (error) {
      const many =
        addresses.length === 1
          ? `one machine of ${cluster} runs`
          : `${addresses.length} machines of ${cluster} run`;
      throw refusal(
        `error  spilo:cluster.aws.reach: "${on.reach.by}"\n` +
          `       ${many} and cannot be reached ${describeReach(on)}: ${said(error)}\n` +
          "       Nothing was changed. See that aws.operators lets in where this runs from, then run `pulumi up` again.",
      );
    }
  });
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
