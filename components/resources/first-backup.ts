import * as pulumi from "@pulumi/pulumi";
import type { BackupArgs } from "./backup-args.ts";

/** The first complete base backup of an incarnation, looked up in the bucket itself. */
export class FirstBackup extends pulumi.CustomResource {
  /** The archiver's name of it. */
  declare readonly backup: pulumi.Output<string>;
  declare readonly objectPrefix: pulumi.Output<string>;
  declare readonly sizeBytes: pulumi.Output<number>;

  constructor(name: string, args: BackupArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { backup: undefined, objectPrefix: undefined, sizeBytes: undefined };
    const secrets = { access: pulumi.secret(args.access), secretKey: pulumi.secret(args.secretKey) };
    super("spilo:index:FirstBackup", name, { deadlineSeconds: 3600, ...args, ...secrets, ...outputs }, opts);
  }
}
