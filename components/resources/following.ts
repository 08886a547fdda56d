import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface FollowingArgs {
  readonly cluster: string;
  /** Members and the engines that they run on, as the docker provider takes them. */
  readonly members: readonly { readonly name: string; readonly restUrl: string; readonly engine: string }[];
  /** Secret. How members are asked who leads. */
  readonly access: AccessInput;
  /** The name of the cluster that is followed. */
  readonly followed: string;
  /** A copy takes as long as it takes. @default 86400 */
  readonly deadlineSeconds?: number;
}

/**
 * A cluster that follows another one: made when its leader does, with a copy of the data. Removing it removes nothing: what is
 * followed is said by `spiloctl promote`.
 */
export class Following extends pulumi.CustomResource {
  constructor(name: string, args: FollowingArgs, opts?: pulumi.CustomResourceOptions) {
    const access = pulumi.secret(args.access);
    super("spilo:index:Following", name, { deadlineSeconds: 86_400, ...args, access }, opts);
  }
}
