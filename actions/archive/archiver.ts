import { z } from "zod";
import { ActionError, reasonOf } from "../action-error.ts";
import type { ContainerExec, ExecOptions } from "../engine/container-exec.ts";
import type { ObjectStore } from "../object-store.ts";
import { type ArchiveFolder, type BackupReport, storedBackups } from "./stored-backups.ts";

/** Complete backups as the archiver of a member knows them, newest last; one that is being made has no entry yet. */
export async function listBackups(exec: ContainerExec, member: string): Promise<readonly string[]> {
  const command = archiverCommand("wal-g backup-list --json");
  const { exitCode, output, errors } = await exec(member, command, { user: "postgres", timeoutMs: 60_000 });
  if (exitCode !== 0) {
    throw new ActionError(
      "failed",
      `${member}: wal-g backup-list ended with ${exitCode}: ${lastLines(errors)}`,
    );
  }
  return parseBackupList(output);
}

const backupList = z.array(z.looseObject({ backup_name: z.string() }));

/** Names in the order of the list. With no backup WAL-G prints no list, but perhaps a line for people. */
export function parseBackupList(output: string): readonly string[] {
  const list = output.split("\n").find((line) => line.trimStart().startsWith("["));
  return list === undefined ? [] : backupList.parse(JSON.parse(list)).map((backup) => backup.backup_name);
}

/** The image starts its own first backup in the background. Not finding the program `pgrep` counts as no. */
export async function isBackupRunning(exec: ContainerExec, member: string): Promise<boolean> {
  const command = ["pgrep", "-f", "[b]ackup-push"];
  const { exitCode } = await exec(member, command, { user: "postgres", timeoutMs: 10_000 });
  return exitCode === 0;
}

/**
 * Makes a base backup on the member that leads, and has the archiver let go of those that are not needed any more.
 *
 * @throws ActionError `failed` with its last lines.
 */
export async function runBackup(
  exec: ContainerExec,
  member: string,
  options: Omit<ExecOptions, "user">,
): Promise<void> {
  const command = archiverCommand('/scripts/postgres_backup.sh "$PGDATA"');
  const { exitCode, output, errors } = await exec(member, command, { ...options, user: "postgres" });
  if (exitCode === 0) return;
  const said = lastLines(`${output}\n${errors}`);
  throw new ActionError("failed", `${member}: the base backup ended with ${exitCode}: ${said}`);
}

/** The archiver's environment, credentials included, is a directory of files in the container. */
function archiverCommand(command: string): readonly string[] {
  return ["sh", "-c", `exec envdir "\${WALE_ENV_DIR:-/run/etc/wal-e.d/env}" ${command}`];
}

/**
 * The bucket itself is asked: an archiver that writes elsewhere must not pass for a backup.
 *
 * @throws ActionError `failed` when it does not hold all of the backup, or cannot be asked.
 */
export async function findStored(
  store: Pick<ObjectStore, "list" | "read">,
  folder: ArchiveFolder,
  name: string,
): Promise<BackupReport> {
  let backups: readonly BackupReport[];
  try {
    backups = await storedBackups(store, folder);
  } catch (error) {
    throw new ActionError("failed", `the backup ${name} cannot be checked: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const found = backups.find((backup) => backup.name === name);
  if (found !== undefined) return found;
  const known = backups.length === 0 ? "none at all" : backups.map((backup) => backup.name).join(", ");
  throw new ActionError(
    "failed",
    `the archiver lists the backup ${name}, but s3://${folder.bucket}/${folder.prefix} holds no complete one of ` +
      `that name: ${known}. Check WAL-G's settings in the member's log`,
  );
}

/** The end of what a program has said, on one line. */
export function lastLines(text: string): string {
  return text.trim().split("\n").slice(-3).join(" | ").slice(-400);
}
