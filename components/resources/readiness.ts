import * as pulumi from "@pulumi/pulumi";

export interface ReadinessArgs {
  readonly cluster: string;
  readonly members: readonly { readonly name: string; readonly restUrl: string }[];
  /** How many standbys have to take part in synchronous commit. */
  readonly synchronousStandbys: number;
  readonly restUser: pulumi.Input<string>;
  readonly restPassword: pulumi.Input<string>;
  /** @default 600 */
  readonly deadlineSeconds?: number;
}

/**
 * A cluster that has a leader, all its standbys streaming, and enough of them synchronous. Waits for it when made, and
 * when members are added.
 */
export class Readiness extends pulumi.CustomResource {
  constructor(name: string, args: ReadinessArgs, opts?: pulumi.CustomResourceOptions) {
    const restPassword = pulumi.secret(args.restPassword);
    super("spilo:index:Readiness", name, { deadlineSeconds: 600, ...args, restPassword }, opts);
  }
}
