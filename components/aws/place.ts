import type * as Aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsPlan } from "../../cluster/aws/aws-plan.ts";
import type { ArchivedCluster, ClusterPlan } from "../../cluster/index.ts";

/** What everything on AWS is made with. */
export interface AwsPlace {
  readonly aws: typeof Aws;
  readonly cluster: string;
  readonly plan: ClusterPlan;
  readonly on: AwsPlan;
  readonly incarnation: pulumi.Output<string>;
  /** What members are to read of another cluster. */
  readonly origin: pulumi.Output<ArchivedCluster | undefined>;
  /** Of every resource: whose child it is, and by which provider it is made. */
  readonly opts: pulumi.CustomResourceOptions;
}

/** What tells a person whose a thing is. Nothing that may ever change is in it. */
export function tagsOf({ cluster, incarnation }: Pick<AwsPlace, "cluster" | "incarnation">, name: string) {
  return { Name: name, "pulumi-spilo.cluster": cluster, "pulumi-spilo.incarnation": incarnation };
}
