import * as pulumi from "@pulumi/pulumi";

export interface ServingArgs {
  readonly proxy: string;
  /** Its own address, not the endpoint's. */
  readonly address: string;
  /** Its read-write port. */
  readonly port: number;
  /** What is another one when the proxy was replaced: on Docker, the container's id. */
  readonly container: pulumi.Input<string>;
  /** @default 120 */
  readonly deadlineSeconds?: number;
}

/**
 * A proxy that leads to the leader. Made at once; when the proxy was replaced, an update that waits until a server
 * answers through it. The next proxy depends on it, so that clients never lose both.
 */
export class Serving extends pulumi.CustomResource {
  constructor(name: string, args: ServingArgs, opts?: pulumi.CustomResourceOptions) {
    super("spilo:index:Serving", name, { deadlineSeconds: 120, ...args }, opts);
  }
}
