import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../cluster/index.ts";
import type { Identities } from "./identity.ts";
import type { Platform } from "./platform.ts";
import type { ClusterSecrets } from "./secrets.ts";

/** What every part of a cluster is made from. */
export interface Base {
  readonly plan: ClusterPlan;
  readonly platform: Platform;
  readonly incarnation: pulumi.Output<string>;
  readonly secrets: ClusterSecrets;
  readonly identities: Identities;
  /** The options of every resource: whose child it is. */
  readonly within: { readonly parent: pulumi.Resource };
}
