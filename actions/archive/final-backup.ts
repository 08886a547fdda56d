import { ActionError } from "../action-error.ts";
import { type BackupMade, type FirstBackupOptions, findLeader } from "../first-backup.ts";
import { waitFor } from "../wait.ts";
import { findStored, listBackups, runBackup } from "./archiver.ts";

/** In which somebody comes to lead, if anybody does. */
const LEADER_MS = 60_000;

/**
 * Makes a base backup on whoever leads, whatever backups there are, and makes sure that it is in the bucket. It is
 * complete by itself: the WAL that it needs is archived when it is done.
 *
 * @throws ActionError when nobody leads, with the last lines of the archiver, or with what is missing in the bucket.
 */
export async function makeFinalBackup(options: FirstBackupOptions): Promise<BackupMade> {
  const { deadlineMs, clock, signal, report } = options;
  const limits = { what: "somebody leads", deadlineMs: Math.min(LEADER_MS, deadlineMs), clock, signal };
  const leader = await waitFor(limits, async () => ({ found: await findLeader(options) }));
  const exec = options.execOn(leader);
  const before = await listBackups(exec, leader);
  report(`taking the final base backup on ${leader}`);
  await runBackup(exec, leader, { timeoutMs: deadlineMs, signal });
  const newest = (await listBackups(exec, leader)).at(-1);
  if (newest === undefined || before.includes(newest)) {
    throw new ActionError(
      "failed",
      `${leader}: the base backup ran, but the archive does not list a new one`,
    );
  }
  const { name, sizeBytes } = await findStored(options.store, options, newest);
  return { name, sizeBytes };
}
