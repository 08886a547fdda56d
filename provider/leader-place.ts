import { z } from "zod";
import { clusterAccess } from "../actions/access.ts";
import { execOnParts } from "../actions/engine/container-exec.ts";
import { patroniClient } from "../actions/patroni/patroni-client.ts";
import { enginesBy } from "../cluster/placement/engine-address.ts";

/** The inputs of every kind whose work is done in the container of whoever leads. */
export const leaderPlace = z.object({
  members: z.array(z.object({ name: z.string(), restUrl: z.string(), engine: z.string() })),
  access: clusterAccess,
  deadlineSeconds: z.number(),
});

/** The same of those who make a base backup there, and look for it in the bucket. */
export const backupPlace = leaderPlace.extend({
  endpoint: z.string(),
  ca: z.string().optional(),
  region: z.string(),
  bucket: z.string(),
  /** Where the incarnation keeps WAL and backups. */
  prefix: z.string(),
  accessKey: z.string(),
  secretKey: z.string(),
});

/** As actions take them. */
export function atLeader(
  { members: declared, access, deadlineSeconds }: z.infer<typeof leaderPlace>,
  signal: AbortSignal,
) {
  const members = enginesBy(access.way, declared);
  const patroni = patroniClient({ access, signal });
  return { members, patroni, execOn: execOnParts(members), deadlineMs: deadlineSeconds * 1000, signal };
}
