import type { BucketOfCluster, ClusterHandle } from "../handle.ts";
import { type ObjectStore, type OpenStore, withStore } from "../object-store.ts";
import { Refusal } from "../verbs/verb.ts";
import { type RecoverableWindow, windowOf } from "./recoverable-window.ts";
import { type BackupReport, storedBackups } from "./stored-backups.ts";
import { firstWalOf, type WalFile, walFiles } from "./stored-wal.ts";

/** The bucket that the archive is copied to, and how far it is behind. */
export interface SecondReport {
  readonly bucket: string;
  readonly endpoint: string;
  /** Its newest WAL file; null: it has none. */
  readonly lastWal: string | null;
  /** WAL files since its newest backup that the first bucket has and it has not; null: the first one cannot be asked. */
  readonly waiting: number | null;
  /** For how long the oldest of them has been in the first bucket; null: none waits, or nobody knows. */
  readonly oldestWaitingSeconds: number | null;
  readonly count: number;
  readonly last: BackupReport | null;
  /** Null: nothing can be restored from it. */
  readonly window: RecoverableWindow | null;
}

/** @throws Refusal when the cluster has none. */
export function secondOf({ name, archive }: Pick<ClusterHandle, "name" | "archive">): BucketOfCluster {
  if (archive.second !== undefined) return archive.second;
  throw new Refusal([`${name} has no second bucket`], "Set backup.second and run `pulumi up`.");
}

/**
 * Compares what both buckets have.
 *
 * @returns null where there is no second one.
 * @throws ActionError when the second bucket cannot be read; that the first one cannot is no error.
 */
export async function readSecond(
  { archive }: Pick<ClusterHandle, "archive">,
  now: Date,
  open?: OpenStore,
): Promise<SecondReport | null> {
  const { second } = archive;
  if (second === undefined) return null;
  const { bucket, endpoint } = second;
  return withStore(
    second,
    async (store) => {
      const backups = await storedBackups(store, second);
      const from = firstWalOf(backups.at(-1));
      const [there, here] = await Promise.all([
        walFiles(store, second, from),
        firstHas(archive, from, open).catch(() => null),
      ]);
      const last = there.at(-1);
      const upTo = last && archivedAt(last, here ?? []);
      return {
        ...{ bucket, endpoint, lastWal: last?.name ?? null },
        ...behind(here, there, now),
        ...{ count: backups.length, last: backups.at(-1) ?? null, window: windowOf(backups, upTo ?? null) },
      };
    },
    open,
  );
}

function firstHas(
  archive: BucketOfCluster,
  from: string | undefined,
  open: OpenStore | undefined,
): Promise<readonly WalFile[]> {
  return withStore(archive, (store: ObjectStore) => walFiles(store, archive, from), open);
}

/** A file that was copied late holds no later commits. */
function archivedAt({ name, at }: WalFile, here: readonly WalFile[]): string | null {
  return here.find((file) => file.name === name)?.at ?? at;
}

function behind(
  here: readonly WalFile[] | null,
  there: readonly WalFile[],
  now: Date,
): Pick<SecondReport, "waiting" | "oldestWaitingSeconds"> {
  if (here === null) return { waiting: null, oldestWaitingSeconds: null };
  const known = new Set(there.map(({ name }) => name));
  const lacking = here.filter(({ name }) => !known.has(name));
  const times = lacking.flatMap(({ at }) => (at === null ? [] : [Date.parse(at)]));
  const oldest = times.length === 0 ? null : Math.max(0, (now.getTime() - Math.min(...times)) / 1000);
  return { waiting: lacking.length, oldestWaitingSeconds: oldest };
}
