import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec } from "../../cluster/index.ts";

/** What a cluster is declared as. Its provider compares it with what it was, and refuses what may not change. */
export class Specification extends pulumi.CustomResource {
  constructor(name: string, specification: ClusterSpec, opts?: pulumi.CustomResourceOptions) {
    super("spilo:index:Specification", name, { specification }, opts);
  }
}
