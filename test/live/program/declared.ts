import type { ImageNames } from "../../../cluster/index.ts";

/** What the program of this folder declares, as JSON in the variable DECLARED. */
export interface Declared {
  readonly clusters: readonly {
    /** The name of the component. */
    readonly resource: string;
    /** What it was called before. */
    readonly formerly?: string;
    /** The name of the cluster. */
    readonly name: string;
  }[];
  readonly images: ImageNames;
}
