import * as pulumi from "@pulumi/pulumi";

export interface CarriedImageArgs {
  /** The image's name, as the docker provider takes it. */
  readonly image: string;
  /** The address of the engine that needs it, as actions reach it. */
  readonly engine: pulumi.Input<string>;
}

/**
 * An image that an engine needs: brought there from the engine of this machine, if that has it and the other has not.
 * Otherwise it does nothing, and the docker provider pulls the image from its registry. Removing it removes no image.
 */
export class CarriedImage extends pulumi.CustomResource {
  constructor(name: string, args: CarriedImageArgs, opts?: pulumi.CustomResourceOptions) {
    super("spilo:index:CarriedImage", name, { ...args }, opts);
  }
}
