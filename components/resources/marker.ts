import * as pulumi from "@pulumi/pulumi";
import type { MarkerPlan } from "../../cluster/index.ts";
import type { MarkedArchive } from "../../cluster/leases/marker.ts";

export interface MarkerArgs extends MarkerPlan {
  readonly cluster: string;
  readonly incarnation: pulumi.Input<string>;
  /** Addresses of the engines that it is written down on, as actions reach them. */
  readonly engines: readonly string[];
  /** Those of zones that are not available. @default none */
  readonly lost?: readonly string[];
  /** Whether the cluster may not be taken down. */
  readonly protected: boolean;
  /** Where it writes that does not go with its containers and volumes. */
  readonly archives: pulumi.Input<readonly MarkedArchive[]>;
}

/**
 * What `spiloctl sweep` goes by: an empty volume on each engine, which is there when the state is lost. No part of the
 * cluster is made with what it says, so that may change at any time.
 */
export class Marker extends pulumi.CustomResource {
  constructor(name: string, args: MarkerArgs, opts?: pulumi.CustomResourceOptions) {
    const owner = { project: pulumi.getProject(), stack: pulumi.getStack() };
    super("spilo:index:Marker", name, { ...args, ...owner, since: undefined }, opts);
  }
}
