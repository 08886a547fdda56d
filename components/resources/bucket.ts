import * as pulumi from "@pulumi/pulumi";

export interface BucketArgs {
  /** URL of the S3 server. */
  readonly endpoint: pulumi.Input<string>;
  /** PEM of the CA that signed the server's certificate. @default those that everybody knows */
  readonly ca?: pulumi.Input<string> | undefined;
  readonly region: pulumi.Input<string>;
  readonly name: pulumi.Input<string>;
  readonly accessKey: pulumi.Input<string>;
  readonly secretKey: pulumi.Input<string>;
  /** The stack's own server: the bucket goes with its volume. Elsewhere it is removed only when it is empty. */
  readonly ownServer: pulumi.Input<boolean>;
}

/** A bucket for WAL and base backups. One that is there already is taken over. Deletion destroys no backup. */
export class Bucket extends pulumi.CustomResource {
  constructor(name: string, args: BucketArgs, opts?: pulumi.CustomResourceOptions) {
    super("spilo:index:Bucket", name, { ...args, secretKey: pulumi.secret(args.secretKey) }, opts);
  }
}
