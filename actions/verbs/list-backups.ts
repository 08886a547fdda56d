import { type IncarnationReport, incarnationsIn } from "../archive/incarnations.ts";
import { type RecoverableWindow, windowIn } from "../archive/recoverable-window.ts";
import { type BackupReport, storedBackups } from "../archive/stored-backups.ts";
import { storedWal, type WalGap } from "../archive/stored-wal.ts";
import type { ClusterHandle } from "../handle.ts";
import { type ObjectStore, objectStore } from "../object-store.ts";
import { findCluster } from "../patroni/find-cluster.ts";
import { ask, known } from "../status/ask.ts";
import { leaderServer } from "../status/members.ts";
import { readServerFacts } from "../status/server-facts.ts";

export interface ListBackupsOptions {
  /** Also what earlier lives of the cluster have left in the bucket. @default false */
  readonly all?: boolean;
  /** @default the cluster's own archive */
  readonly openStore?: (archive: ClusterHandle["archive"]) => Promise<ObjectStore>;
  /** What the leader's archiver has done. @default the leader's PostgreSQL */
  readonly serverFacts?: typeof readServerFacts;
}

export interface BackupsReport {
  readonly cluster: string;
  readonly bucket: string;
  /** Of the keys of this incarnation. */
  readonly prefix: string;
  /** Oldest first. */
  readonly backups: readonly BackupReport[];
  /** Null: nothing can be restored. */
  readonly window: RecoverableWindow | null;
  /** WAL that is missing since the oldest backup: no restore gets beyond it from a backup before. */
  readonly gaps: readonly WalGap[];
  /** Other incarnations, the newest last; null: they were not asked for. */
  readonly others: readonly IncarnationReport[] | null;
}

/**
 * The base backups that the bucket holds. No server has to run for it; one that leads says how far its WAL is archived.
 *
 * @throws ActionError `unreachable` or `refused` when the bucket cannot be read.
 */
export async function listBackups(
  handle: ClusterHandle,
  options: ListBackupsOptions = {},
): Promise<BackupsReport> {
  const { all = false, openStore = objectStore, serverFacts = readServerFacts } = options;
  const { bucket, prefix } = handle.archive;
  const store = await openStore(handle.archive);
  try {
    const [backups, upTo] = await Promise.all([
      storedBackups(store, handle.archive),
      archivedUpTo(handle, serverFacts),
    ]);
    const wal = await storedWal(store, handle.archive, backups[0]);
    const window = windowIn(backups, wal, upTo ?? null);
    const found = all ? await incarnationsIn(store, bucket, handle.name) : null;
    const others = found?.filter((one) => one.prefix !== prefix) ?? null;
    return { cluster: handle.name, bucket, prefix, backups, window, gaps: wal.gaps, others };
  } finally {
    store.close();
  }
}

/** Undefined when nobody leads, or says so: the bucket then has to do. */
async function archivedUpTo(
  handle: ClusterHandle,
  serverFacts: typeof readServerFacts,
): Promise<string | undefined> {
  const asked = await ask(async () => {
    const urls = handle.members.map(({ restUrl }) => restUrl);
    const server = leaderServer(handle, (await findCluster(handle.patroni, urls)).view);
    return server === undefined ? undefined : (await serverFacts(handle, server)).archiver.upTo;
  });
  return known(asked) ?? undefined;
}
