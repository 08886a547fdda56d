import * as pulumi from "@pulumi/pulumi";
import type { ReachInput } from "./reach-input.ts";

export interface MemberTagsArgs {
  readonly member: string;
  /** Of the engine that it runs on, as the docker provider takes it. */
  readonly engine: pulumi.Input<string>;
  /** What is another one when the member was replaced: on Docker, the container's id. */
  readonly container: pulumi.Input<string>;
  /** No commit waits for this member (Patroni's tag of that name). */
  readonly nosync: boolean;
  /** Secret. The cluster that it takes part in. */
  readonly cluster: ReachInput;
  /** For Patroni to have them in force, its start in a new container included. @default 120 */
  readonly deadlineSeconds?: number;
}

/**
 * Patroni's tags of one member: in its container's own configuration and in force by a reload. A change replaces and
 * restarts nothing. A new container has none, and gets them again. Taken out of a program, they stay as they are.
 */
export class MemberTags extends pulumi.CustomResource {
  constructor(name: string, args: MemberTagsArgs, opts?: pulumi.CustomResourceOptions) {
    const cluster = pulumi.secret(args.cluster);
    super("spilo:index:MemberTags", name, { deadlineSeconds: 120, ...args, cluster }, opts);
  }
}
