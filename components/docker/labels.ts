import * as pulumi from "@pulumi/pulumi";

/** What a part is, for whoever looks at the engine. */
export type PartKind = "network" | "voter" | "member" | "proxy" | "s3";

export interface Owner {
  readonly cluster: string;
  /** Absent on what outlives an incarnation. */
  readonly incarnation?: pulumi.Input<string>;
}

/**
 * The labels of a part: whose it is. Nothing that may ever change belongs here, as a changed label replaces a
 * container, and destroys a volume with its data.
 */
export function labelsOf({ cluster, incarnation }: Owner, part: PartKind) {
  const values: Record<string, pulumi.Input<string>> = {
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    cluster,
    part,
    ...(incarnation === undefined ? {} : { incarnation }),
  };
  return Object.entries(values).map(([name, value]) => ({ label: `pulumi-spilo.${name}`, value }));
}
