import * as pulumi from "@pulumi/pulumi";
import type { OriginPlan } from "../../cluster/index.ts";

export interface IncarnationArgs {
  /** The cluster's name; another cluster has another incarnation. */
  readonly cluster: pulumi.Input<string>;
  /** The archive that it is made from, and what opens it. @default it begins empty */
  readonly source?: {
    readonly archive: OriginPlan;
    readonly postgresqlVersion: number;
    readonly accessKey: pulumi.Input<string>;
    /** Kept as a secret. */
    readonly secretKey: pulumi.Input<string>;
  };
}

/** One life of a cluster. Whatever keeps data has the token in its name. */
export class Incarnation extends pulumi.CustomResource {
  /** Eight hexadecimal digits. */
  declare readonly token: pulumi.Output<string>;
  /** JSON: the archive that it was made from, as it was found; empty: none. */
  declare readonly origin: pulumi.Output<string>;

  constructor(name: string, args: IncarnationArgs, opts?: pulumi.CustomResourceOptions) {
    const { cluster, source } = args;
    const secret = source && { ...source, secretKey: pulumi.secret(source.secretKey) };
    const given = secret === undefined ? {} : { source: secret };
    super("spilo:index:Incarnation", name, { cluster, ...given, token: undefined, origin: undefined }, opts);
  }
}
