import { z } from "zod";
import { ActionError, reasonOf } from "../../actions/action-error.ts";
import { describeKept } from "../../actions/archive/describe-kept.ts";
import { makeFinalBackup } from "../../actions/archive/final-backup.ts";
import { withStore } from "../../actions/object-store.ts";
import { bytesInWords } from "../../cluster/schema/byte-words.ts";
import type { Kind, KindContext } from "../kind.ts";
import { atLeader, backupPlace } from "../leader-place.ts";

const inputs = backupPlace.extend({
  cluster: z.string(),
  finalBackup: z.boolean(),
  kept: z.object({ volume: z.string(), engine: z.string(), image: z.string() }).optional(),
});

type Guarded = z.infer<typeof inputs>;

/**
 * Stands before the end of a cluster: nothing of it is deleted before this is. While it is protected, Pulumi refuses
 * that. What it does then is done by the state alone: `pulumi destroy` runs no program.
 */
export const guard: Kind = {
  create: async (properties) => ({ id: inputs.parse(properties).cluster, outputs: {} }),
  update: async () => ({}),
  delete: async (properties, context) => {
    const guarded = inputs.parse(properties);
    if (!guarded.finalBackup) return;
    try {
      await backUp(guarded, context);
    } catch (error) {
      throw new ActionError("failed", refusal(guarded.cluster, reasonOf(error)), { cause: error });
    }
    if (guarded.kept !== undefined) context.report(describeKept({ ...guarded, ...guarded.kept }));
  },
};

async function backUp({ bucket, prefix, ...place }: Guarded, { report, signal }: KindContext): Promise<void> {
  const made = await withStore(place, (store) =>
    makeFinalBackup({ ...atLeader(place, signal), store, bucket, prefix, report }),
  );
  report(`final backup ${made.name} (${bytesInWords(made.sizeBytes)}) is in s3://${bucket}/${prefix}`);
}

function refusal(cluster: string, reason: string): string {
  return (
    `${cluster}: the final backup was not made, so nothing of the cluster is deleted: ${reason}. ` +
    "Mend that (`pulumi up --refresh` brings back what is lost) and destroy again; " +
    "or, if the data may go, set finalBackup: false, run `pulumi up`, and destroy then"
  );
}
