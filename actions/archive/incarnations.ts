import { archivePrefix, clusterArchive, lifeFolder } from "../../cluster/incarnation.ts";
import type { ObjectStore } from "../object-store.ts";
import { type RecoverableWindow, windowIn } from "./recoverable-window.ts";
import { type BackupReport, storedBackups } from "./stored-backups.ts";
import { type StoredWal, storedWal, type WalGap } from "./stored-wal.ts";

/** What one life of a cluster has left in a bucket, for one major version. */
export interface IncarnationReport {
  readonly incarnation: string;
  /** Major version of PostgreSQL. */
  readonly version: string;
  /** Of its keys, without a slash at its end. */
  readonly prefix: string;
  /** The whole base backups, oldest first. */
  readonly backups: readonly BackupReport[];
  /** Null: nothing can be restored. */
  readonly window: RecoverableWindow | null;
  /** WAL that is missing since the oldest backup. */
  readonly gaps: readonly WalGap[];
}

/** The same with what it takes to restore it. */
export interface Life extends IncarnationReport {
  readonly wal: StoredWal;
}

/** The part of a store that is only looked at. */
export type StoreToRead = Pick<ObjectStore, "list" | "folders" | "read">;

/**
 * Every life of a cluster that a bucket holds, the newest last. Only the bucket is asked: there may be no server and no
 * stack any more.
 *
 * @throws ActionError when the bucket cannot be read.
 */
export async function livesIn(store: StoreToRead, bucket: string, cluster: string): Promise<readonly Life[]> {
  const incarnations = await foldersIn(store, bucket, clusterArchive(cluster));
  const known = incarnations.filter((name) => /^[a-z0-9]{1,32}$/.test(name));
  const lives = await Promise.all(known.map((incarnation) => livesOf(store, bucket, cluster, incarnation)));
  const endOf = ({ window, wal }: Life) => window?.to ?? window?.from ?? wal.last?.at ?? "";
  return lives.flat().sort((a, b) => endOf(a).localeCompare(endOf(b)));
}

/** What is told of a life. */
export function incarnationReport({ wal: _wal, ...told }: Life): IncarnationReport {
  return told;
}

/** Names of the folders right below a prefix that ends with a slash. */
export async function foldersIn(
  store: Pick<ObjectStore, "folders">,
  bucket: string,
  prefix: string,
): Promise<readonly string[]> {
  const folders = await store.folders(bucket, prefix);
  return folders.map((folder) => folder.slice(prefix.length, -1));
}

async function livesOf(
  store: StoreToRead,
  bucket: string,
  cluster: string,
  incarnation: string,
): Promise<readonly Life[]> {
  const versions = await foldersIn(store, bucket, lifeFolder(cluster, incarnation));
  return Promise.all(
    versions
      .filter((version) => /^\d+$/.test(version))
      .map(async (version) => {
        const prefix = archivePrefix({ cluster, postgresqlVersion: Number(version) }, incarnation);
        const backups = await storedBackups(store, { bucket, prefix });
        const wal = await storedWal(store, { bucket, prefix }, backups[0]);
        const window = windowIn(backups, wal, null);
        return { incarnation, version, prefix, backups, window, gaps: wal.gaps, wal };
      }),
  );
}
