import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface LoginsClosedArgs {
  readonly cluster: string;
  /** Roles in the database that are good for nothing any more. */
  readonly closed: readonly string[];
  /** Members and the engines that they run on, as the docker provider takes them. */
  readonly members: readonly { readonly name: string; readonly restUrl: string; readonly engine: string }[];
  /** Client URLs of the etcd voters. */
  readonly voters: readonly string[];
  /** Secret. How members and voters are asked. */
  readonly access: AccessInput;
  /** The one of etcd's users who stays. */
  readonly etcdUser: string;
  /** Kept as a secret. */
  readonly etcdRootPassword: pulumi.Input<string>;
  /** @default 120 */
  readonly deadlineSeconds?: number;
}

/**
 * The end of a rotation. Made at once; when other roles are to be closed, an update that takes their passwords and ends
 * their sessions, once no standby streams by them. Depends on everybody who has moved on.
 */
export class LoginsClosed extends pulumi.CustomResource {
  constructor(name: string, args: LoginsClosedArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = {
      access: pulumi.secret(args.access),
      etcdRootPassword: pulumi.secret(args.etcdRootPassword),
    };
    super("spilo:index:LoginsClosed", name, { deadlineSeconds: 120, ...args, ...secrets }, opts);
  }
}
