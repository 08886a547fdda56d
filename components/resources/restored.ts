import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface RestoredArgs {
  readonly cluster: string;
  /** Members and the engines that they run on, as the docker provider takes them. */
  readonly members: readonly { readonly name: string; readonly restUrl: string; readonly engine: string }[];
  /** Secret. How members are asked who leads. */
  readonly access: AccessInput;
  /** Roles that may have come along, and that are not to be let in. */
  readonly closed: readonly string[];
  readonly restUser: string;
  /** Kept as a secret. */
  readonly restPassword: pulumi.Input<string>;
  /** An archive takes as long as it takes. @default 86400 */
  readonly deadlineSeconds?: number;
}

/**
 * A cluster that has begun from an archive: made when somebody leads, with the data as of the target. Removing it removes
 * nothing.
 */
export class Restored extends pulumi.CustomResource {
  constructor(name: string, args: RestoredArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { access: pulumi.secret(args.access), restPassword: pulumi.secret(args.restPassword) };
    super("spilo:index:Restored", name, { deadlineSeconds: 86_400, ...args, ...secrets }, opts);
  }
}
