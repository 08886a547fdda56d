import * as pulumi from "@pulumi/pulumi";

export interface ProcessLimitsArgs {
  /** The engine's address as the docker provider takes it. */
  readonly engine: pulumi.Input<string>;
  readonly containers: pulumi.Input<
    readonly pulumi.Input<{
      readonly name: pulumi.Input<string>;
      /** Another one when the container was replaced. */
      readonly id: pulumi.Input<string>;
      /** How many processes and threads it may have at once. */
      readonly processes: pulumi.Input<number>;
    }>[]
  >;
}

/** How many processes the containers of one engine may have. The docker provider has no input for it. */
export class ProcessLimits extends pulumi.CustomResource {
  constructor(name: string, args: ProcessLimitsArgs, opts?: pulumi.CustomResourceOptions) {
    super("spilo:index:ProcessLimits", name, { ...args }, opts);
  }
}
