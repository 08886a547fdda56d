import * as pulumi from "@pulumi/pulumi";

export interface IncarnationArgs {
  /** The cluster's name; another cluster has another incarnation. */
  readonly cluster: pulumi.Input<string>;
}

/** One life of a cluster. Whatever keeps data has the token in its name. */
export class Incarnation extends pulumi.CustomResource {
  /** Eight hexadecimal digits. */
  declare readonly token: pulumi.Output<string>;

  constructor(name: string, args: IncarnationArgs, opts?: pulumi.CustomResourceOptions) {
    super("spilo:index:Incarnation", name, { ...args, token: undefined }, opts);
  }
}
