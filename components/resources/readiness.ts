import * as pulumi from "@pulumi/pulumi";

export interface ReadinessArgs {
  readonly cluster: string;
  readonly members: readonly { readonly name: string; readonly restUrl: string }[];
  /** @default 600 */
  readonly deadlineSeconds?: number;
}

/** A cluster that has a leader and all its standbys streaming. Waits for it when made, and when members are added. */
export class Readiness extends pulumi.CustomResource {
  constructor(name: string, args: ReadinessArgs, opts?: pulumi.CustomResourceOptions) {
    super("spilo:index:Readiness", name, { deadlineSeconds: 600, ...args }, opts);
  }
}
