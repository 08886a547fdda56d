import * as pulumi from "@pulumi/pulumi";

export interface CertificateAuthorityArgs {
  /** The cluster's name; another cluster has another authority. */
  readonly cluster: pulumi.Input<string>;
  /** Another number makes another authority, which nobody trusts yet; of one that is given it says nothing. @default 1 */
  readonly generation?: pulumi.Input<number>;
  /** How long one that is made lives; only looked at when it is made. @default 10 */
  readonly years?: pulumi.Input<number>;
  /** One that exists already, both as PEM: it is checked and handed on. @default one is made */
  readonly given?: {
    /** The CA's own first, then its issuers up to the root, if it is not a root itself. */
    readonly certificate: pulumi.Input<string>;
    readonly privateKey: pulumi.Input<string>;
  };
  /** Refuses another one that is given, in a preview as well. @default false */
  readonly stays?: true;
}

/**
 * What signs the certificates of a cluster's parts. One that was made here is renewed when it is due, with the name and
 * the key that everybody trusts already; a given one is its owner's to renew. Another one is an update as well.
 */
export class CertificateAuthority extends pulumi.CustomResource {
  /** PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM. Secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** PEM of the authorities before it, the latest first; empty where there was none. */
  declare readonly former: pulumi.Output<string>;
  /** When it ends, in the form of ISO 8601. */
  declare readonly expires: pulumi.Output<string>;

  constructor(name: string, args: CertificateAuthorityArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { cluster, generation = 1, years = 10, given, stays } = args;
    const outputs = {
      certificate: undefined,
      privateKey: undefined,
      former: undefined,
      expires: undefined,
    };
    super(
      "spilo:index:CertificateAuthority",
      name,
      {
        ...{ cluster, generation, years, given: given && pulumi.secret(given) },
        ...(stays === undefined ? {} : { stays }),
        ...outputs,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["given", "privateKey"] }),
    );
  }
}
