import type { BackupReport } from "./stored-backups.ts";
import { hasWalOf, type StoredWal } from "./stored-wal.ts";

/** Between which times everything that was committed can be restored. ISO 8601. */
export interface RecoverableWindow {
  /** When the oldest good backup was complete. */
  readonly from: string;
  /** What was committed by then is in the archive; null: nobody says how far the WAL reaches. */
  readonly to: string | null;
}

/**
 * As far as the leader knows: that none of the WAL in between is missing, only the bucket does.
 *
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
 * By what is in the bucket: the newest time without a gap for which there is a backup to begin with.
 *
 * @param archivedUpTo what the leader knows of its last WAL file. Null: the time at which that came to the bucket counts.
 */
export function windowIn(
  backups: readonly BackupReport[],
  { runs }: StoredWal,
  archivedUpTo: string | null,
): RecoverableWindow | null {
  for (const run of runs.toReversed()) {
    const upTo = run === runs.at(-1) ? (archivedUpTo ?? run.lastAt) : run.lastAt;
    const window = windowOf(
      backups.filter((backup) => hasWalOf(run, backup)),
      upTo,
    );
    if (window !== null) return window;
  }
  return null;
}
