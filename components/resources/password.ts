import * as pulumi from "@pulumi/pulumi";

export interface PasswordArgs {
  /** What it opens; part of its id. */
  readonly purpose: pulumi.Input<string>;
  /** Another number makes another password. @default 1 */
  readonly generation?: pulumi.Input<number>;
  /** Characters, 16 to 128; only looked at when one is made. @default 32 */
  readonly length?: pulumi.Input<number>;
}

/** A password of letters and digits that is made once, and kept as a secret. */
export class Password extends pulumi.CustomResource {
  /** Secret. */
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, args: PasswordArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { purpose, generation = 1, length = 32 } = args;
    super(
      "spilo:index:Password",
      name,
      { purpose, generation, length, value: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["value"] }),
    );
  }
}
