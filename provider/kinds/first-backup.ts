import { z } from "zod";
import { makeFirstBackup } from "../../actions/first-backup.ts";
import { objectStore } from "../../actions/object-store.ts";
import type { Kind } from "../kind.ts";
import { atLeader, leaderPlace } from "../leader-place.ts";

const inputs = leaderPlace.extend({
  endpoint: z.string(),
  ca: z.string().optional(),
  region: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  accessKey: z.string(),
  secretKey: z.string(),
});

/** The first complete base backup of an incarnation, found in the bucket. */
export const firstBackup: Kind = {
  create: async (properties, { report, signal }) => {
    const { bucket, prefix, ...place } = inputs.parse(properties);
    const store = await objectStore(place);
    try {
      const made = await makeFirstBackup({ ...atLeader(place, signal), store, bucket, prefix, report });
      return {
        id: made.name,
        outputs: { backup: made.name, objectPrefix: prefix, sizeBytes: made.sizeBytes },
      };
    } finally {
      store.close();
    }
  },
};
