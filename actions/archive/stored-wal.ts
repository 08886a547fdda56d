import type { ObjectStore, StoredObject } from "../object-store.ts";
import { segmentBefore, segmentName, segmentNumber } from "./segments.ts";
import type { ArchiveFolder, BackupReport } from "./stored-backups.ts";

/** WAL files that follow each other without one missing: by their numbers, whichever timeline they are of. */
export interface WalRun {
  readonly first: number;
  readonly last: number;
  /** When its last file came to the bucket, ISO 8601; null: the server does not say. */
  readonly lastAt: string | null;
}

/** WAL files that are missing between two that are there. */
export interface WalGap {
  /** Names of the first and the last of them, on the timeline of the file that comes after. */
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

export interface StoredWal {
  /** Oldest first. */
  readonly runs: readonly WalRun[];
  readonly gaps: readonly WalGap[];
  /** The last one on the newest timeline; undefined: there is none. */
  readonly last: WalFile | undefined;
}

/** A WAL file in a bucket. */
export interface WalFile {
  readonly name: string;
  readonly number: number;
  /** When it came there, ISO 8601; null: the server does not say. */
  readonly at: string | null;
}

/**
 * The WAL files in a bucket, from the one on that a backup begins with. A new timeline goes on with the number at which the
 * former one has ended, so numbers alone tell whether one is missing.
 *
 * @throws ActionError when the bucket cannot be read.
 */
export async function storedWal(
  store: Pick<ObjectStore, "list">,
  { bucket, prefix }: ArchiveFolder,
  oldest: BackupReport | undefined,
): Promise<StoredWal> {
  const from = firstWalOf(oldest);
  const files = await walFiles(store, { bucket, prefix }, from);
  return runsOf(files, from === undefined ? undefined : segmentNumber(from));
}

/**
 * The files themselves, in the order of their numbers.
 *
 * @param wal name of the file to begin with; those of older timelines with a higher number are among them. @default all
 * @throws ActionError when the bucket cannot be read.
 */
export async function walFiles(
  store: Pick<ObjectStore, "list">,
  { bucket, prefix }: ArchiveFolder,
  wal: string | undefined,
): Promise<readonly WalFile[]> {
  // Without its last digit it is listed itself, whatever its suffix.
  const before = wal?.slice(0, -1);
  // Barman has a folder for each log of a timeline, WAL-G one for all.
  const folders = [
    { folder: `${prefix}/wals/`, after: wal && `${prefix}/wals/${wal.slice(0, 16)}/${before}` },
    { folder: `${prefix}/wal_005/`, after: wal && `${prefix}/wal_005/${before}` },
  ];
  const lists = await Promise.all(folders.map(({ folder, after }) => store.list(bucket, folder, after)));
  const from = wal === undefined ? 0 : segmentNumber(wal);
  return lists
    .flat()
    .flatMap(walFileOf)
    .filter(({ number }) => number >= from)
    .sort((a, b) => a.number - b.number);
}

function walFileOf({ key, modifiedAt }: StoredObject): readonly WalFile[] {
  const [, name] = /\/([0-9A-F]{24})(?:\.(?!partial)[a-z0-9]+)?$/.exec(key) ?? [];
  if (name === undefined) return [];
  return [{ name, number: segmentNumber(name), at: modifiedAt?.toISOString() ?? null }];
}

/** @param from the number that is to be the first. */
function runsOf(files: readonly WalFile[], from: number | undefined): StoredWal {
  const runs: WalRun[] = [];
  const gaps: WalGap[] = [];
  for (const { name, number, at } of files) {
    const run = runs.at(-1);
    if (run !== undefined && number <= run.last + 1) {
      const lastAt = (at ?? "") > (run.lastAt ?? "") ? at : run.lastAt;
      runs[runs.length - 1] = { ...run, last: number, lastAt };
      continue;
    }
    const expected = (run?.last ?? (from ?? number) - 1) + 1;
    if (number > expected) gaps.push(gapBetween(expected, number, name.slice(0, 8)));
    runs.push({ first: number, last: number, lastAt: at });
  }
  const last = files.toSorted((a, b) => a.name.localeCompare(b.name)).at(-1);
  return { runs, gaps, last };
}

function gapBetween(first: number, after: number, timeline: string): WalGap {
  const name = (number: number) => segmentName(timeline, number);
  return { first: name(first), last: name(after - 1), count: after - first };
}

/** Whether a run has all the WAL that a backup needs to be consistent. */
export function hasWalOf({ first, last }: WalRun, backup: BackupReport): boolean {
  const wal = firstWalOf(backup);
  if (wal === undefined) return false;
  const begins = segmentNumber(wal);
  const ends = backup.endLsn === null ? begins : segmentBefore(backup.endLsn);
  return first <= begins && ends <= last;
}

/** A backup has its name from it. */
export function firstWalOf(backup: BackupReport | undefined): string | undefined {
  return /^base_([0-9A-F]{24})/.exec(backup?.name ?? "")?.[1];
}
