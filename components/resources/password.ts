import * as pulumi from "@pulumi/pulumi";

export interface PasswordArgs {
  /** What it opens; also its id. */
  readonly purpose: pulumi.Input<string>;
  /** Another number makes another password, and keeps the one before as the former. @default 1 */
  readonly generation?: pulumi.Input<number>;
  /** Secret. What it is to be, where another cluster says so; empty or absent: nobody does. */
  readonly given?: pulumi.Input<string>;
  /** Characters, 16 to 128; only looked at when one is made. @default 32 */
  readonly length?: pulumi.Input<number>;
}

/** A password of letters and digits that is made once for each generation, and kept as a secret. */
export class Password extends pulumi.CustomResource {
  /** Secret. */
  declare readonly value: pulumi.Output<string>;
  /** Secret. What it was in the generation before; empty in the first. */
  declare readonly former: pulumi.Output<string>;

  constructor(name: string, args: PasswordArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { purpose, generation = 1, length = 32, given } = args;
    const other = given === undefined ? {} : { given: pulumi.secret(given) };
    super(
      "spilo:index:Password",
      name,
      { purpose, generation, length, ...other, value: undefined, former: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["value", "former"] }),
    );
  }
}
