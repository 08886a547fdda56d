import * as pulumi from "@pulumi/pulumi";

export interface ZoneArgs {
  readonly cluster: string;
  /** Of the cluster: with its name, what labels on the engine are looked for. */
  readonly incarnation: pulumi.Input<string>;
  /** The zone's name. */
  readonly zone: string;
  /** The engine's address, as actions reach it. */
  readonly engine: pulumi.Input<string>;
  /** Kinds of parts whose data stays there when the zone is taken out, or the cluster is. @default none */
  readonly keeps?: readonly string[];
}

/**
 * What a cluster has on the engine of one zone. Every resource there is to be `deletedWith` it: it is then dropped
 * together with it without a call, and the deletion of this one removes what carries the cluster's labels. When a
 * `LostZone` of that name is declared in the same run, it calls nobody.
 */
export class Zone extends pulumi.CustomResource {
  constructor(name: string, args: ZoneArgs, opts?: pulumi.CustomResourceOptions) {
    const owner = { project: pulumi.getProject(), stack: pulumi.getStack() };
    super("spilo:index:Zone", name, { ...args, ...owner }, opts);
  }
}
