import * as pulumi from "@pulumi/pulumi";

export interface PoolerLoginArgs {
  readonly cluster: string;
  /** Where whoever leads is reached. */
  readonly host: string;
  readonly port: number;
  readonly superuserPassword: pulumi.Input<string>;
  /** What the pooler logs in with. */
  readonly password: pulumi.Input<string>;
  /** @default 120 */
  readonly deadlineSeconds?: number;
}

/** The role in the database that a pooler looks up other roles with. */
export class PoolerLogin extends pulumi.CustomResource {
  constructor(name: string, args: PoolerLoginArgs, opts?: pulumi.CustomResourceOptions) {
    const superuserPassword = pulumi.secret(args.superuserPassword);
    const password = pulumi.secret(args.password);
    super(
      "spilo:index:PoolerLogin",
      name,
      { deadlineSeconds: 120, ...args, superuserPassword, password },
      opts,
    );
  }
}
