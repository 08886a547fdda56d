import type { ObjectStore } from "../object-store.ts";
import type { ArchiveFolder, BackupReport } from "./stored-backups.ts";

/** Between which times everything that was committed can be restored. ISO 8601. */
export interface RecoverableWindow {
  /** When the oldest good backup was complete. */
  readonly from: string;
  /** What was committed by then is in the archive; null: nobody says how far the WAL reaches. */
  readonly to: string | null;
}

/**
 * @param archivedUpTo when the last WAL file that is in the archive was finished, ISO 8601; null: nobody knows.
 * @returns null without a backup whose end is known: WAL alone restores nothing.
 */
export function windowOf(
  backups: readonly BackupReport[],
  archivedUpTo: string | null,
): RecoverableWindow | null {
  const ends = backups.flatMap(({ at }) => (at === null ? [] : [at])).sort();
  const [from, last] = [ends[0], ends.at(-1)];
  if (from === undefined || last === undefined) return null;
  if (archivedUpTo === null) return { from, to: null };
  // A backup has the WAL that it needs itself.
  return { from, to: archivedUpTo > last ? archivedUpTo : last };
}

/**
 * When the last WAL file that is in the bucket was written there: what to go by when no server can be asked.
 *
 * @param newest backup: only what was archived after it has begun is listed.
 * @returns ISO 8601; null when there is none, or the server does not say.
 */
export async function lastWalIn(
  store: Pick<ObjectStore, "list">,
  { bucket, prefix }: ArchiveFolder,
  newest: BackupReport | undefined,
): Promise<string | null> {
  const [, wal] = /^base_([0-9A-F]{24})/.exec(newest?.name ?? "") ?? [];
  // Barman has a folder for each log of a timeline, WAL-G one for all.
  const folders = [
    { folder: `${prefix}/wals/`, first: wal && `${prefix}/wals/${wal.slice(0, 16)}/${wal}` },
    { folder: `${prefix}/wal_005/`, first: wal && `${prefix}/wal_005/${wal}` },
  ];
  const lists = await Promise.all(folders.map(({ folder, first }) => store.list(bucket, folder, first)));
  const segments = lists.flat().filter(({ key }) => /\/[0-9A-F]{24}(\.[a-z0-9]+)?$/.test(key));
  const times = segments.flatMap(({ modifiedAt }) => modifiedAt?.toISOString() ?? []);
  return times.sort().at(-1) ?? null;
}
