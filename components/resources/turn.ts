import * as pulumi from "@pulumi/pulumi";
import type { ReachInput } from "./reach-input.ts";

export interface TurnArgs {
  readonly member: string;
  /** Secret. The cluster, for whoever gets the member ready. */
  readonly cluster: ReachInput;
  /** Secret. What is another text when the member is to be made of something else. */
  readonly made: pulumi.Input<string>;
  /** It never leads. @default false */
  readonly readReplica?: boolean;
  /** The limit that its container has, MiB. */
  readonly memoryMib: number;
}

/**
 * A member's turn to be replaced. Made at once; when the member is to be replaced, an update that comes before, and waits
 * until all others serve, and hands the leadership over if the member has it. It fails when that cannot be, also while
 * the cluster is stopped or paused. The member depends on it, so it is not touched then.
 *
 * Removed after the member is: the others then forget it, and the WAL that they keep for it.
 */
export class Turn extends pulumi.CustomResource {
  constructor(name: string, args: TurnArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { made: pulumi.secret(args.made), cluster: pulumi.secret(args.cluster) };
    super("spilo:index:Turn", name, { ...args, ...secrets }, opts);
  }
}
