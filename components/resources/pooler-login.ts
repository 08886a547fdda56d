import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface PoolerLoginArgs {
  readonly cluster: string;
  /** Members and the engines that they run on, as the docker provider takes them. */
  readonly members: readonly { readonly name: string; readonly restUrl: string; readonly engine: string }[];
  /** Secret. How members are asked who leads. */
  readonly access: AccessInput;
  /** The pooler's role that is in use. */
  readonly user: string;
  /** Kept as a secret. */
  readonly password: pulumi.Input<string>;
  /** @default 120 */
  readonly deadlineSeconds?: number;
}

/** The roles in the database that a pooler looks up other roles with. They need the groups of `Roles`. */
export class PoolerLogin extends pulumi.CustomResource {
  constructor(name: string, args: PoolerLoginArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { access: pulumi.secret(args.access), password: pulumi.secret(args.password) };
    super("spilo:index:PoolerLogin", name, { deadlineSeconds: 120, ...args, ...secrets }, opts);
  }
}
