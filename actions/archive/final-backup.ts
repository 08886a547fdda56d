import { type BackupMade, type FirstBackupOptions, findLeader } from "../first-backup.ts";
import { waitFor } from "../wait.ts";
import { makeBackup } from "./make-backup.ts";

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
  const { name, sizeBytes } = await makeBackup({
    ...{ leader, exec: options.execOn(leader), store: options.store, folder: options },
    ...{ timeoutMs: deadlineMs, signal },
    begins: () => report(`taking the final base backup on ${leader}`),
  });
  return { name, sizeBytes };
}
