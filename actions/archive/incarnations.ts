import { clusterArchive } from "../../cluster/incarnation.ts";
import type { ObjectStore } from "../object-store.ts";
import { type RecoverableWindow, windowIn } from "./recoverable-window.ts";
import { type BackupReport, storedBackups } from "./stored-backups.ts";
import { storedWal, type WalGap } from "./stored-wal.ts";

/** What one life of a cluster has left in a bucket, for one major version. */
export interface IncarnationReport {
  readonly incarnation: string;
  /** Major version of PostgreSQL. */
  readonly version: string;
  /** Of its keys, without a slash at its end. */
  readonly prefix: string;
  readonly backups: readonly BackupReport[];
  /** Null: nothing can be restored. */
  readonly window: RecoverableWindow | null;
  /** WAL that is missing since the oldest backup. */
  readonly gaps: readonly WalGap[];
}

/**
 * Every incarnation of a cluster that a bucket holds, the newest last. Only the bucket is asked: there may be no server
 * and no stack any more.
 *
 * @throws ActionError when the bucket cannot be read.
 */
export async function incarnationsIn(
  store: Pick<ObjectStore, "list" | "read" | "folders">,
  bucket: string,
  cluster: string,
): Promise<readonly IncarnationReport[]> {
  const found: IncarnationReport[] = [];
  for (const incarnation of await store.folders(bucket, clusterArchive(cluster))) {
    for (const version of await store.folders(bucket, `${incarnation}wal/`)) {
      const folder = { bucket, prefix: version.slice(0, -1) };
      const backups = await storedBackups(store, folder);
      const wal = await storedWal(store, folder, backups[0]);
      const window = windowIn(backups, wal, null);
      const names = { incarnation: lastOf(incarnation), version: lastOf(version) };
      found.push({ ...names, prefix: folder.prefix, backups, window, gaps: wal.gaps });
    }
  }
  const endOf = ({ window }: IncarnationReport) => window?.to ?? window?.from ?? "";
  return found.sort((a, b) => endOf(a).localeCompare(endOf(b)));
}

/** Of a path with a slash at its end. */
function lastOf(folder: string): string {
  return folder.split("/").at(-2) ?? "";
}
