import { type IncarnationReport, incarnationReport, livesIn } from "../archive/incarnations.ts";
import { type RecoverableWindow, windowIn } from "../archive/recoverable-window.ts";
import { secondOf } from "../archive/second.ts";
import { type BackupReport, storedBackups } from "../archive/stored-backups.ts";
import { storedWal, type WalGap } from "../archive/stored-wal.ts";
import type { ClusterHandle } from "../handle.ts";
import { type ObjectStore, type OpenStore, withStore } from "../object-store.ts";
import { findCluster } from "../patroni/find-cluster.ts";
import { ask, known } from "../status/ask.ts";
import { leaderServer } from "../status/members.ts";
import { readServerFacts } from "../status/server-facts.ts";

export interface ListBackupsOptions {
  /** Also what earlier lives of the cluster have left in the bucket. @default false */
  readonly all?: boolean;
  /** What the second bucket holds. @default false: the first one */
  readonly second?: boolean;
  readonly openStore?: OpenStore | undefined;
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
 * @throws ActionError `unreachable` or `refused` when the bucket cannot be read; Refusal where there is no second one.
 */
export async function listBackups(
  handle: ClusterHandle,
  options: ListBackupsOptions = {},
): Promise<BackupsReport> {
  const { all = false, second = false, openStore, serverFacts = readServerFacts } = options;
  const archive = second ? secondOf(handle) : handle.archive;
  const { bucket, prefix } = archive;
  const list = async (store: ObjectStore): Promise<BackupsReport> => {
    const [backups, upTo] = await Promise.all([
      storedBackups(store, archive),
      // How far the second bucket reaches, it has to say itself.
      second ? undefined : archivedUpTo(handle, serverFacts),
    ]);
    const wal = await storedWal(store, archive, backups[0]);
    const window = windowIn(backups, wal, upTo ?? null);
    const found = all ? await livesIn(store, bucket, handle.name) : null;
    const others = found?.filter((one) => one.prefix !== prefix).map(incarnationReport) ?? null;
    return { cluster: handle.name, bucket, prefix, backups, window, gaps: wal.gaps, others };
  };
  return withStore(archive, list, openStore);
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
