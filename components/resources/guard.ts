import * as pulumi from "@pulumi/pulumi";
import type { BackupArgs } from "./backup-args.ts";

export interface GuardArgs extends BackupArgs {
  readonly cluster: string;
  /** Whether the cluster is backed up before anything of it is deleted. */
  readonly finalBackup: boolean;
  /** The stack's own S3 server, of which the volume outlives the stack. @default the S3 server is somebody else's */
  readonly kept?: KeptVolume;
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
