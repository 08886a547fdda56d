import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface GuardArgs {
  readonly cluster: string;
  /** Whether the cluster is backed up before anything of it is deleted. */
  readonly finalBackup: boolean;
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
  /** The stack's own S3 server, of which the volume outlives the stack. @default the S3 server is somebody else's */
  readonly kept?: KeptVolume;
  /** For the final backup. @default 3600 */
  readonly deadlineSeconds?: number;
}

/** A volume that stays on its engine when the stack goes. */
interface KeptVolume {
  readonly volume: pulumi.Input<string>;
  readonly engine: string;
  /** Of the server that reads it. */
  readonly image: string;
}

/**
 * Stands before the end of a cluster. It depends on all parts, so it is the first to be deleted: protected, it refuses
 * that, and nothing else is touched; its deletion makes the final backup, and fails when there is none.
 */
export class Guard extends pulumi.CustomResource {
  constructor(name: string, args: GuardArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { access: pulumi.secret(args.access), secretKey: pulumi.secret(args.secretKey) };
    super("spilo:index:Guard", name, { deadlineSeconds: 3600, ...args, ...secrets }, opts);
  }
}
