import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface TurnArgs {
  readonly member: string;
  /** Everybody who can say how the cluster stands. */
  readonly members: readonly { readonly name: string; readonly restUrl: string }[];
  /** Secret. What is another text when the member is to be made of something else. */
  readonly made: pulumi.Input<string>;
  /** Secret. How members are asked. */
  readonly access: AccessInput;
}

/**
 * A member's turn to be replaced. Made at once; when the member is to be replaced, an update that comes before, and
 * fails while the cluster is stopped or paused. The member depends on it, so it is not touched then.
 */
export class Turn extends pulumi.CustomResource {
  constructor(name: string, args: TurnArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { made: pulumi.secret(args.made), access: pulumi.secret(args.access) };
    super("spilo:index:Turn", name, { ...args, ...secrets }, opts);
  }
}
