import type { ClusterPlan } from "../../cluster/index.ts";
import { refusal } from "../refusal.ts";

/**
 * Refuses a cluster on AWS: no machine has been seen to start from this plan yet. Everything else about it is checked
 * before, so that a specification can be written ahead.
 *
 * @throws pulumi.RunError
 */
export function refuseUnproven({ aws }: ClusterPlan): void {
  if (aws === undefined) return;
  throw refusal(
    'error  spilo:cluster.platform: "aws"\n' +
      "       not yet available\n" +
      "       Set platform to docker, or remove it together with spilo:cluster.aws.",
  );
}
