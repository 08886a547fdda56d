import * as pulumi from "@pulumi/pulumi";

export interface CertificateArgs {
  /** Who signs, both as PEM. */
  readonly authority: {
    readonly certificate: pulumi.Input<string>;
    readonly privateKey: pulumi.Input<string>;
  };
  readonly commonName: pulumi.Input<string>;
  readonly dnsNames: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** IPv4 and IPv6. */
  readonly addresses: pulumi.Input<readonly pulumi.Input<string>[]>;
  readonly uses: readonly ("server" | "client")[];
  /** How long it is valid. */
  readonly days: pulumi.Input<number>;
}

/**
 * A certificate and its key. Whatever changes of it, an update makes both anew; so does one when less than 30 days are
 * left, or less than a third of its life.
 */
export class Certificate extends pulumi.CustomResource {
  /** PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM. Secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** When it ends, in the form of ISO 8601. */
  declare readonly expires: pulumi.Output<string>;

  constructor(name: string, args: CertificateArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { certificate, privateKey } = args.authority;
    const authority = pulumi.secret({ certificate, privateKey });
    const outputs = { certificate: undefined, privateKey: undefined, expires: undefined };
    super(
      "spilo:index:Certificate",
      name,
      { ...args, authority, ...outputs },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["authority", "privateKey"] }),
    );
  }
}
