import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { execOnParts } from "../../actions/engine/container-exec.ts";
import { makeFirstBackup } from "../../actions/first-backup.ts";
import { objectStore } from "../../actions/object-store.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import type { Kind } from "../kind.ts";

const inputs = z.object({
  members: z.array(z.object({ name: z.string(), restUrl: z.string(), engine: z.string() })),
  access: clusterAccess,
  endpoint: z.string(),
  ca: z.string().optional(),
  region: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  accessKey: z.string(),
  secretKey: z.string(),
  deadlineSeconds: z.number(),
});

/** The first complete base backup of an incarnation, found in the bucket. */
export const firstBackup: Kind = {
  create: async (properties, { report, signal }) => {
    const { members, access, bucket, prefix, deadlineSeconds, ...place } = inputs.parse(properties);
    const store = await objectStore(place);
    const patroni = patroniClient({ access, signal });
    const execOn = execOnParts(members);
    const work = { members, patroni, execOn, store, bucket, prefix, report, signal };
    try {
      const made = await makeFirstBackup({ ...work, deadlineMs: deadlineSeconds * 1000 });
      return {
        id: made.name,
        outputs: { backup: made.name, objectPrefix: prefix, sizeBytes: made.sizeBytes },
      };
    } finally {
      store.close();
    }
  },
};
