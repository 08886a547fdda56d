import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface RolesArgs {
  readonly cluster: string;
  /** Members and the engines that they run on, as the docker provider takes them. */
  readonly members: readonly { readonly name: string; readonly restUrl: string; readonly engine: string }[];
  /** Secret. How members are asked who leads. */
  readonly access: AccessInput;
  /** The database, and the group that owns it. */
  readonly application: { readonly database: string; readonly role: string };
  /** The logins that are in use. */
  readonly names: {
    readonly application: string;
    readonly operator: string;
    readonly standby: string;
    readonly rewind: string;
  };
  /** Secret. Passwords of two of them. */
  readonly logins: pulumi.Input<{
    readonly application: pulumi.Input<string>;
    readonly operator: pulumi.Input<string>;
  }>;
  /** @default 120 */
  readonly deadlineSeconds?: number;
}

/**
 * The groups, logins and databases of a cluster, made at the leader by the superuser's local socket. Removing it removes
 * nothing from the database.
 */
export class Roles extends pulumi.CustomResource {
  constructor(name: string, args: RolesArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { access: pulumi.secret(args.access), logins: pulumi.secret(args.logins) };
    super("spilo:index:Roles", name, { deadlineSeconds: 120, ...args, ...secrets }, opts);
  }
}
