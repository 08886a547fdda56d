import type { ClusterHandle } from "../handle.ts";
import { type ObjectStore, type StoredObject, withStore } from "../object-store.ts";
import { barmanFolder, type Described, describeBarman, describeWalg, walgFolder } from "./descriptions.ts";

/** A whole base backup in the bucket. Null: its description does not say. */
export interface BackupReport {
  /** As the archiver has it, such as `base_000000010000000000000004`. */
  readonly name: string;
  /** When it was begun and when it was complete, ISO 8601. */
  readonly begunAt: string | null;
  readonly at: string | null;
  /** As it is stored: compressed. */
  readonly sizeBytes: number;
  /** As it is restored. */
  readonly dataBytes: number | null;
  /** Positions of the WAL between which it was made, such as `0/4000028`: all of it is needed to restore it. */
  readonly beginLsn: string | null;
  readonly endLsn: string | null;
  readonly timeline: number | null;
}

/** A folder of a bucket in which one incarnation keeps WAL and base backups. */
export interface ArchiveFolder {
  readonly bucket: string;
  /** Without a slash at its end. */
  readonly prefix: string;
}

/**
 * The base backups of a cluster's own incarnation, oldest first.
 *
 * @throws ActionError when the bucket cannot be read.
 */
export async function readBackups({
  archive,
}: Pick<ClusterHandle, "archive">): Promise<readonly BackupReport[]> {
  return withStore(archive, (store) => storedBackups(store, archive));
}

/** The same with a store that is open. Only their folders are listed: there is a lot of WAL beside them. */
export async function storedBackups(
  store: Pick<ObjectStore, "list" | "read">,
  { bucket, prefix }: ArchiveFolder,
): Promise<readonly BackupReport[]> {
  const folders = [`${prefix}/${barmanFolder}/`, `${prefix}/${walgFolder}/`];
  const lists = await Promise.all(folders.map((folder) => store.list(bucket, folder)));
  const found = completeIn(lists.flat());
  const backups: BackupReport[] = [];
  for (let next = 0; next < found.length; next += AT_ONCE) {
    const some = found.slice(next, next + AT_ONCE);
    const read = some.map(async (one) => reportOf(one, await store.read(bucket, one.end.key)));
    backups.push(...(await Promise.all(read)).filter((one) => one !== undefined));
  }
  return backups.sort((a, b) => (a.at ?? "").localeCompare(b.at ?? "") || a.name.localeCompare(b.name));
}

/** Descriptions that are read at the same time. */
const AT_ONCE = 16;

/** What looks like a whole backup by the names of its objects. */
interface Complete {
  readonly layout: "barman" | "wal-g";
  /** Of the folder that it is in. */
  readonly folder: string;
  /** Is written last, and describes it. */
  readonly end: StoredObject;
  readonly sizeBytes: number;
}

/**
 * In either layout: WAL-G ends a backup with a sentinel file of its name, barman describes one in a backup.info below the
 * time at which it began. One that is being made has neither.
 */
function completeIn(objects: readonly StoredObject[]): readonly Complete[] {
  return objects.flatMap((end): readonly Complete[] => {
    const [, base, walg] = /^(.*\/basebackups_005\/)([^/]+)_backup_stop_sentinel\.json$/.exec(end.key) ?? [];
    const [, path, barman] = /^(.*\/base\/([^/]+)\/)backup\.info$/.exec(end.key) ?? [];
    const parts = (folder: string) => objects.filter(({ key }) => key.startsWith(folder) && key !== end.key);
    if (base !== undefined && walg !== undefined) {
      return [{ layout: "wal-g", folder: walg, end, sizeBytes: sizeOf([end, ...parts(`${base}${walg}/`)]) }];
    }
    if (path === undefined || barman === undefined || parts(path).length === 0) return [];
    return [{ layout: "barman", folder: barman, end, sizeBytes: sizeOf([end, ...parts(path)]) }];
  });
}

function sizeOf(objects: readonly StoredObject[]): number {
  return objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Undefined: it was given up, or has been deleted since it was listed. */
function reportOf(
  { layout, folder, end, sizeBytes }: Complete,
  text: string | undefined,
): BackupReport | undefined {
  if (text === undefined) return undefined;
  const described: Described | undefined =
    layout === "barman" ? describeBarman(folder, text) : describeWalg(folder, text);
  if (described === undefined) return undefined;
  const { endedAt, ...rest } = described;
  return { ...rest, at: endedAt ?? end.modifiedAt?.toISOString() ?? null, sizeBytes };
}
