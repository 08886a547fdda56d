import type * as pulumi from "@pulumi/pulumi";
import type { Reach } from "../reach.ts";

/** Where the parts of a cluster are and what opens them. Kept as one secret. */
export type ReachInput = pulumi.Input<Reach>;
