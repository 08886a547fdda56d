import type { ClusterHandle } from "../handle.ts";
import { objectStore, type StoredObject } from "../object-store.ts";

/** A whole base backup in the bucket. */
export interface BackupReport {
  readonly name: string;
  /** When it was complete, ISO 8601; null when the server does not say. */
  readonly at: string | null;
  readonly sizeBytes: number;
}

/**
 * The base backups in the bucket, oldest first. Only their folders are listed: there is a lot of WAL beside them.
 *
 * @throws ActionError when the bucket cannot be listed.
 */
export async function readBackups({
  archive,
}: Pick<ClusterHandle, "archive">): Promise<readonly BackupReport[]> {
  const { bucket, prefix, ...access } = archive;
  const store = await objectStore(access);
  try {
    const folders = [`${prefix}/${barmanFolder}/`, `${prefix}/${walgFolder}/`];
    const lists = await Promise.all(folders.map((folder) => store.list(bucket, folder)));
    return backupsIn(lists.flat());
  } finally {
    store.close();
  }
}

export const barmanFolder = "base";
export const walgFolder = "basebackups_005";

/**
 * The whole backups among objects, in either layout: WAL-G ends one with a sentinel file of its name, barman describes
 * one in a backup.info below the time at which it began (UTC). One that is being made, or was given up, has neither, or
 * nothing else.
 */
export function backupsIn(objects: readonly StoredObject[]): readonly BackupReport[] {
  const backups = objects.flatMap(
    (object) => walgBackup(object, objects) ?? barmanBackup(object, objects) ?? [],
  );
  return backups.sort((a, b) => (a.at ?? "").localeCompare(b.at ?? "") || a.name.localeCompare(b.name));
}

function walgBackup(end: StoredObject, objects: readonly StoredObject[]): BackupReport | undefined {
  const [, folder, name] = /^(.*\/basebackups_005\/)([^/]+)_backup_stop_sentinel\.json$/.exec(end.key) ?? [];
  if (folder === undefined || name === undefined) return undefined;
  const parts = objects.filter(({ key }) => key.startsWith(`${folder}${name}/`));
  return backup(name, end.modifiedAt, [end, ...parts]);
}

function barmanBackup(info: StoredObject, objects: readonly StoredObject[]): BackupReport | undefined {
  const [, folder, name] = /^(.*\/base\/([^/]+)\/)backup\.info$/.exec(info.key) ?? [];
  if (folder === undefined || name === undefined) return undefined;
  const parts = objects.filter(({ key }) => key.startsWith(folder));
  return parts.length < 2 ? undefined : backup(name, info.modifiedAt ?? timeIn(name), parts);
}

function backup(name: string, at: Date | undefined, objects: readonly StoredObject[]): BackupReport {
  const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  return { name, at: at?.toISOString() ?? null, sizeBytes };
}

/** Of a name such as `20260301T010000`. */
function timeIn(name: string): Date | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/.exec(name) ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
