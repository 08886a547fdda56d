import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface FirstBackupArgs {
  /** Members and the engines that they run on, as the docker provider takes them. */
  readonly members: readonly { readonly name: string; readonly restUrl: string; readonly engine: string }[];
  /** Secret. How members are asked who leads. */
  readonly access: AccessInput;
  readonly endpoint: pulumi.Input<string>;
  /** PEM of the CA that signed the S3 server's certificate. @default those that everybody knows */
  readonly ca?: pulumi.Input<string> | undefined;
  readonly region: pulumi.Input<string>;
  readonly bucket: pulumi.Input<string>;
  /** Where this incarnation keeps WAL and backups in the bucket. */
  readonly prefix: pulumi.Input<string>;
  readonly accessKey: pulumi.Input<string>;
  readonly secretKey: pulumi.Input<string>;
  /** @default 3600 */
  readonly deadlineSeconds?: number;
}

/** The first complete base backup of an incarnation, looked up in the bucket itself. */
export class FirstBackup extends pulumi.CustomResource {
  /** The archiver's name of it. */
  declare readonly backup: pulumi.Output<string>;
  declare readonly objectPrefix: pulumi.Output<string>;
  declare readonly sizeBytes: pulumi.Output<number>;

  constructor(name: string, args: FirstBackupArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { backup: undefined, objectPrefix: undefined, sizeBytes: undefined };
    const secrets = { access: pulumi.secret(args.access), secretKey: pulumi.secret(args.secretKey) };
    super("spilo:index:FirstBackup", name, { deadlineSeconds: 3600, ...args, ...secrets, ...outputs }, opts);
  }
}
