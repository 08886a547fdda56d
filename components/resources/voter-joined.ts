import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface VoterJoinedArgs {
  readonly voter: string;
  /** All voters of the cluster: the engines that they run on, and where they answer clients and each other. */
  readonly voters: readonly {
    readonly name: string;
    readonly engine: string;
    readonly url: string;
    readonly peerUrl: string;
  }[];
  /**
   * Where the voter of the same index would answer the others in other zones: peer URLs. Whoever of them etcd lists is
   * removed when this one joins. @default none
   */
  readonly instead?: readonly string[];
  /** What is another one when the voter was replaced: on Docker, the container's id. */
  readonly container: pulumi.Input<string>;
  /** Secret. How voters are asked. */
  readonly access: AccessInput;
  /** Secret. Of etcd's own superuser, `root`. */
  readonly rootPassword: pulumi.Input<string>;
  /** Where the voter's files are: a voter that joins again is started with another configuration. */
  readonly files: {
    readonly engine: string;
    readonly image: pulumi.Input<string>;
    readonly volume: pulumi.Input<string>;
  };
  /** etcd's configuration as declared, and its name among the files. */
  readonly configuration: { readonly file: string; readonly content: pulumi.Input<string> };
  /** @default 120 */
  readonly deadlineSeconds?: number;
}

/**
 * An etcd voter that takes part. Made at once, unless it takes the place of one in another zone; when the voter was
 * replaced, an update that waits until it votes, is healthy and is in step. One that has lost its volume is removed from
 * etcd and joins again. The next voter depends on it.
 */
export class VoterJoined extends pulumi.CustomResource {
  constructor(name: string, args: VoterJoinedArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { access: pulumi.secret(args.access), rootPassword: pulumi.secret(args.rootPassword) };
    super("spilo:index:VoterJoined", name, { deadlineSeconds: 120, ...args, ...secrets }, opts);
  }
}
