import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../cluster/index.ts";
import type { Identities } from "./identity.ts";
import type { Orders } from "./orders.ts";
import type { Begun } from "./origin.ts";
import type { Platform } from "./platform.ts";
import type { ClusterSecrets } from "./secrets.ts";

/** What every part of a cluster is made from. */
export interface Base {
  readonly plan: ClusterPlan;
  readonly platform: Platform;
  readonly incarnation: pulumi.Output<string>;
  readonly begun: Pick<Begun, "origin" | "originFiles">;
  readonly secrets: ClusterSecrets;
  readonly identities: Identities;
  readonly orders: Orders;
  /** The options of every resource: whose child it is. */
  readonly within: { readonly parent: pulumi.Resource };
}

/** As much of it as whatever is done at the leader takes. */
export type LeaderBase = Pick<Base, "plan" | "secrets" | "within"> & {
  readonly platform: Pick<Platform, "engineOf">;
  readonly identities: Pick<Identities, "access">;
};
