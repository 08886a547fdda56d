import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface LoginsOpenedArgs {
  readonly cluster: string;
  /** Another one of these, and the logins are let in with their new passwords. */
  readonly generations: { readonly passwords: number; readonly application: number };
  /** Members and the engines that they run on, as the docker provider takes them. */
  readonly members: readonly { readonly name: string; readonly restUrl: string; readonly engine: string }[];
  /** Secret. How members are asked who leads. */
  readonly access: AccessInput;
  /** Kept as a secret. Those that are in use from now on. */
  readonly logins: readonly { readonly user: string; readonly password: pulumi.Input<string> }[];
  /** Kept as a secret. */
  readonly superuserPassword: pulumi.Input<string>;
  /** @default 120 */
  readonly deadlineSeconds?: number;
}

/**
 * The logins of a generation in the database. Made at once; in another generation, an update that lets the new ones in
 * beside the former ones. Whoever logs in by a new one depends on it.
 */
export class LoginsOpened extends pulumi.CustomResource {
  constructor(name: string, args: LoginsOpenedArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = {
      access: pulumi.secret(args.access),
      logins: pulumi.secret(args.logins),
      superuserPassword: pulumi.secret(args.superuserPassword),
    };
    super("spilo:index:LoginsOpened", name, { deadlineSeconds: 120, ...args, ...secrets }, opts);
  }
}
