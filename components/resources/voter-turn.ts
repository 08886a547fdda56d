import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface VoterTurnArgs {
  readonly voter: string;
  /** The engine that it runs on, as the docker provider takes it. */
  readonly engine: string;
  /** All voters of the cluster, with their client URLs. */
  readonly voters: readonly { readonly name: string; readonly url: string }[];
  /** Secret. What is another text when the voter is to be made of something else. */
  readonly made: pulumi.Input<string>;
  /** Secret. How voters are asked. */
  readonly access: AccessInput;
}

/**
 * An etcd voter's turn to be replaced. Made at once; when the voter is to be replaced, an update that comes before, and
 * fails unless every other voter is healthy. The voter depends on it, so it is not touched then.
 */
export class VoterTurn extends pulumi.CustomResource {
  constructor(name: string, args: VoterTurnArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { made: pulumi.secret(args.made), access: pulumi.secret(args.access) };
    super("spilo:index:VoterTurn", name, { ...args, ...secrets }, opts);
  }
}
