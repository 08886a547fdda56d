import * as pulumi from "@pulumi/pulumi";
import type { ReachInput } from "./reach-input.ts";

export interface DepartureArgs {
  /** Names of all members that are declared. */
  readonly members: readonly string[];
  /** Of all read replicas. @default none */
  readonly replicas?: readonly string[];
  /** Whether the volume of a member that leaves stays on its engine. */
  readonly volumesKept: boolean;
  /** Whether a load balancer leads clients, and no proxies do. @default false */
  readonly loadBalancer?: boolean;
  /** Secret. */
  readonly cluster: ReachInput;
}

/**
 * Members that are declared no more are taken away at the very end of an update. Before anything else is done, this is
 * an update: those that stay have to serve, and one of them takes over when whoever leads is to go.
 */
export class Departure extends pulumi.CustomResource {
  constructor(name: string, args: DepartureArgs, opts?: pulumi.CustomResourceOptions) {
    const cluster = pulumi.secret(args.cluster);
    super("spilo:index:Departure", name, { ...args, cluster }, opts);
  }
}
