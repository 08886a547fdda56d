import * as pulumi from "@pulumi/pulumi";

export interface LostZoneArgs {
  readonly cluster: string;
  readonly incarnation: pulumi.Input<string>;
  /** The zone's name. */
  readonly zone: string;
  /** The engine's address: only said, and never called. */
  readonly engine: pulumi.Input<string>;
}

/**
 * A zone that is not available. Declared in place of its `Zone`, and of all that stands there: these go from the state
 * without a call to the engine.
 */
export class LostZone extends pulumi.CustomResource {
  constructor(name: string, args: LostZoneArgs, opts?: pulumi.CustomResourceOptions) {
    super("spilo:index:LostZone", name, { ...args }, opts);
  }
}
