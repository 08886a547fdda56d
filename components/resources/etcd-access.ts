import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface EtcdAccessArgs {
  /** Client URLs of the etcd voters. */
  readonly endpoints: readonly string[];
  /** Secret. How voters are asked. */
  readonly access: AccessInput;
  /** Of etcd's own superuser, `root`. */
  readonly rootPassword: pulumi.Input<string>;
  /** Who may read and write the keys of the cluster. */
  readonly user: pulumi.Input<string>;
  readonly password: pulumi.Input<string>;
  /** What all keys of the cluster begin with. */
  readonly prefix: pulumi.Input<string>;
}

/** Users and passwords in etcd: from then on, nobody reads or writes without one. */
export class EtcdAccess extends pulumi.CustomResource {
  constructor(name: string, args: EtcdAccessArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = {
      access: pulumi.secret(args.access),
      rootPassword: pulumi.secret(args.rootPassword),
      password: pulumi.secret(args.password),
    };
    super("spilo:index:EtcdAccess", name, { ...args, ...secrets }, opts);
  }
}
