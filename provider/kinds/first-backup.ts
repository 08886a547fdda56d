import { makeFirstBackup } from "../../actions/first-backup.ts";
import { withStore } from "../../actions/object-store.ts";
import type { Kind } from "../kind.ts";
import { atLeader, backupPlace } from "../leader-place.ts";

/** The first complete base backup of an incarnation, found in the bucket. */
export const firstBackup: Kind = {
  create: async (properties, { report, signal }) => {
    const { bucket, prefix, ...place } = backupPlace.parse(properties);
    const made = await withStore(place, (store) =>
      makeFirstBackup({ ...atLeader(place, signal), store, bucket, prefix, report }),
    );
    return {
      id: made.name,
      outputs: { backup: made.name, objectPrefix: prefix, sizeBytes: made.sizeBytes },
    };
  },
};
