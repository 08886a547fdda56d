import * as pulumi from "@pulumi/pulumi";
import type { ReachInput } from "./reach-input.ts";

export interface JoinedArgs {
  readonly member: string;
  /** What is another one when the member was replaced: on Docker, the container's id. */
  readonly container: pulumi.Input<string>;
  /** Secret. The cluster that it is to take part in. */
  readonly cluster: ReachInput;
  /** @default 600 */
  readonly deadlineSeconds?: number;
}

/**
 * A member that takes part in its cluster. Made at once; when the member was replaced, an update that waits until it
 * leads or streams. Members depend on this resource of the one before, so they are replaced one at a time, and the
 * replacement stops at the first that does not come back.
 *
 * A resource and not a hook after creation: when such a hook fails, the engine still goes on with what depends on it.
 */
export class Joined extends pulumi.CustomResource {
  constructor(name: string, args: JoinedArgs, opts?: pulumi.CustomResourceOptions) {
    const cluster = pulumi.secret(args.cluster);
    super("spilo:index:Joined", name, { deadlineSeconds: 600, ...args, cluster }, opts);
  }
}
