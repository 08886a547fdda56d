import type { MarkedArchive } from "../../cluster/leases/marker.ts";
import { isMissingBucket, type OpenStore, withStore } from "../object-store.ts";

/**
 * Removes what a cluster has in a bucket that is not its own. A bucket that is not there has nothing of it: it may never have
 * been made, as when an update has failed for that.
 *
 * @returns what came of that, as a sentence without an end.
 * @throws ActionError when the server does not answer or refuses: what is left is found again by the next sweep.
 */
export async function removeBackups(
  { prefix, bucket, ...place }: MarkedArchive,
  key: { readonly accessKey: string; readonly secretKey: string },
  openStore?: OpenStore,
): Promise<string> {
  try {
    return await withStore(
      { ...place, ...key },
      async (store) => {
        const objects = await store.list(bucket, `${prefix}/`);
        await store.remove(
          bucket,
          objects.map((one) => one.key),
        );
        return `${objects.length} objects removed from s3://${bucket}/${prefix}`;
      },
      openStore,
    );
  } catch (error) {
    if (!isMissingBucket(error)) throw error;
    return `no bucket ${bucket} at ${place.endpoint}`;
  }
}
