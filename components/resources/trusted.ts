import * as pulumi from "@pulumi/pulumi";
import type { AuthorityInput, TrustingPart } from "./trusting-part.ts";

export interface TrustedArgs {
  readonly cluster: string;
  /** Secret. Who is to be trusted. Another one is an update. */
  readonly authority: AuthorityInput;
  /** PEM of those before it; empty where there was none. */
  readonly former: pulumi.Input<string>;
  /** All that exist, or will. */
  readonly parts: pulumi.Input<readonly TrustingPart[]>;
  /** How long one part may take for one step. @default 60 */
  readonly deadlineSeconds?: number;
}

/**
 * An authority that every part of a cluster trusts. Made at once, as parts are made with it; of another authority, an
 * update that comes before that one signs anything: running parts come to trust it beside the former.
 */
export class Trusted extends pulumi.CustomResource {
  constructor(name: string, args: TrustedArgs, opts?: pulumi.CustomResourceOptions) {
    const authority = pulumi.secret(args.authority);
    super("spilo:index:Trusted", name, { deadlineSeconds: 60, ...args, authority }, opts);
  }
}
