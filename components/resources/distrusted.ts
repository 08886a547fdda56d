import * as pulumi from "@pulumi/pulumi";
import type { AuthorityInput, DistrustingPart } from "./trusting-part.ts";

export interface DistrustedArgs {
  readonly cluster: string;
  /** Secret. Who alone is trusted at the end. Another one is an update. */
  readonly authority: AuthorityInput;
  /** Secret. All of them. */
  readonly parts: pulumi.Input<readonly DistrustingPart[]>;
  /** How long one part may take for one step. @default 60 */
  readonly deadlineSeconds?: number;
}

/**
 * The end of every authority but one. Made at once; of another authority, an update that comes when all parts show
 * certificates of that one: the former is trusted by nobody any more, and it is seen that its certificates are refused.
 */
export class Distrusted extends pulumi.CustomResource {
  constructor(name: string, args: DistrustedArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { authority: pulumi.secret(args.authority), parts: pulumi.secret(args.parts) };
    super("spilo:index:Distrusted", name, { deadlineSeconds: 60, ...args, ...secrets }, opts);
  }
}
