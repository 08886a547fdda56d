import { ActionError } from "../action-error.ts";
import type { ContainerExec } from "../engine/container-exec.ts";
import type { ObjectStore } from "../object-store.ts";
import { findStored, listBackups, runBackup } from "./archiver.ts";
import type { ArchiveFolder, BackupReport } from "./stored-backups.ts";

export interface MakeBackupOptions {
  /** Who makes it: whoever leads. */
  readonly leader: string;
  readonly exec: ContainerExec;
  readonly store: Pick<ObjectStore, "list" | "read">;
  /** In which it has to be found. */
  readonly folder: ArchiveFolder;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called right before it is begun. */
  readonly begins: () => void;
  /** Called when it was interrupted: a program that was begun in a container is not ended with its connection. */
  readonly goesOn?: () => void;
}

/**
 * Makes a base backup, whatever backups there are, and makes sure that it is in the bucket.
 *
 * @throws ActionError `failed` with the archiver's last lines, or when the bucket does not hold the backup.
 */
export async function makeBackup(options: MakeBackupOptions): Promise<BackupReport> {
  const { leader, exec, store, folder, timeoutMs, signal, begins, goesOn } = options;
  const before = await listBackups(exec, leader);
  begins();
  try {
    await runBackup(exec, leader, { timeoutMs, signal });
  } catch (error) {
    if (signal?.aborted) goesOn?.();
    throw error;
  }
  const name = (await listBackups(exec, leader)).findLast((one) => !before.includes(one));
  if (name !== undefined) return await findStored(store, folder, name);
  const message = `${leader}: the backup ran, but the archiver lists no new one`;
  throw new ActionError("failed", `${message}: \`docker logs ${leader}\` says more`);
}
