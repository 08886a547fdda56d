import type * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

/** What it takes to have whoever leads make a base backup, and to look for it in the bucket. */
export interface BackupArgs {
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
  /** For the backup. @default 3600 */
  readonly deadlineSeconds?: number;
}
