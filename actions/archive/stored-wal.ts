import type { ObjectStore, StoredObject } from "../object-store.ts";
import type { ArchiveFolder, BackupReport } from "./stored-backups.ts";

/** WAL files that follow each other without one missing: by their numbers, whichever timeline they are of. */
interface WalRun {
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
}

/** Bytes of a WAL file, as initdb makes them. */
const SEGMENT = 16 * 1024 ** 2;
/** Of them, in a log: the middle part of a file's name. */
const SEGMENTS_A_LOG = 256;

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
  const wal = firstWalOf(oldest);
  // Without its last digit it is listed itself, whatever its suffix.
  const before = wal?.slice(0, -1);
  // Barman has a folder for each log of a timeline, WAL-G one for all.
  const folders = [
    { folder: `${prefix}/wals/`, after: wal && `${prefix}/wals/${wal.slice(0, 16)}/${before}` },
    { folder: `${prefix}/wal_005/`, after: wal && `${prefix}/wal_005/${before}` },
  ];
  const lists = await Promise.all(folders.map(({ folder, after }) => store.list(bucket, folder, after)));
  return runsOf(lists.flat(), wal === undefined ? undefined : numberOf(wal));
}

/** @param from the number that is to be the first. */
function runsOf(objects: readonly StoredObject[], from: number | undefined): StoredWal {
  const files = objects.flatMap(({ key, modifiedAt }) => {
    const [, name] = /\/([0-9A-F]{24})(?:\.(?!partial)[a-z0-9]+)?$/.exec(key) ?? [];
    return name === undefined
      ? []
      : [{ name, number: numberOf(name), at: modifiedAt?.toISOString() ?? null }];
  });
  const runs: WalRun[] = [];
  const gaps: WalGap[] = [];
  const wanted = files.filter(({ number }) => number >= (from ?? 0)).sort((a, b) => a.number - b.number);
  for (const { name, number, at } of wanted) {
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
  return { runs, gaps };
}

function gapBetween(first: number, after: number, timeline: string): WalGap {
  const name = (number: number) =>
    `${timeline}${hex(Math.floor(number / SEGMENTS_A_LOG))}${hex(number % SEGMENTS_A_LOG)}`;
  return { first: name(first), last: name(after - 1), count: after - first };
}

function hex(number: number): string {
  return number.toString(16).toUpperCase().padStart(8, "0");
}

/** Whether a run has all the WAL that a backup needs to be consistent. */
export function hasWalOf({ first, last }: WalRun, backup: BackupReport): boolean {
  const wal = firstWalOf(backup);
  if (wal === undefined) return false;
  const begins = numberOf(wal);
  const [, log = "", offset = ""] = /^([0-9A-F]+)\/([0-9A-F]+)$/.exec(backup.endLsn ?? "") ?? [];
  // The position is the one after its last byte.
  const end = log === "" ? begins : Math.floor((Number.parseInt(offset, 16) - 1) / SEGMENT);
  const ends = log === "" ? begins : Number.parseInt(log, 16) * SEGMENTS_A_LOG + end;
  return first <= begins && ends <= last;
}

/** A backup has its name from it. */
function firstWalOf(backup: BackupReport | undefined): string | undefined {
  return /^base_([0-9A-F]{24})/.exec(backup?.name ?? "")?.[1];
}

function numberOf(name: string): number {
  return Number.parseInt(name.slice(8, 16), 16) * SEGMENTS_A_LOG + Number.parseInt(name.slice(16), 16);
}
