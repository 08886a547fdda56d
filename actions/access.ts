import { z } from "zod";

/**
 * Who an action is and whom it trusts; all of it PEM. A secret as a whole.
 *
 * Every part of a cluster asks for a certificate of its CA before it says anything, and shows one itself.
 */
export interface ClusterAccess {
  /** The certificates that a part's own may be signed by, one or two of them. Nobody else is trusted. */
  readonly ca: string;
  /** The certificate of whoever acts. */
  readonly certificate: string;
  /** Its key. */
  readonly privateKey: string;
  /** By what the cluster is reached: `cluster/placement/way.ts`. @default directly */
  readonly way?: string | undefined;
}

/** The same as an input of a resource. */
export const clusterAccess = z.object({
  ca: z.string(),
  certificate: z.string(),
  privateKey: z.string(),
  way: z.string().optional(),
});
