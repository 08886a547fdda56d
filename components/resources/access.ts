import type * as pulumi from "@pulumi/pulumi";

/** What the provider shows to the parts of a cluster, and whom it trusts; all of it PEM. Kept as one secret. */
export type AccessInput = pulumi.Input<{
  /** The certificates that a part's own may be signed by. */
  readonly ca: pulumi.Input<string>;
  readonly certificate: pulumi.Input<string>;
  readonly privateKey: pulumi.Input<string>;
  /** By what the parts are reached. @default directly */
  readonly way?: pulumi.Input<string>;
}>;
