import { isBackupRunning } from "../archive/archiver.ts";
import { makeBackup } from "../archive/make-backup.ts";
import type { BackupReport } from "../archive/stored-backups.ts";
import type { ClusterHandle } from "../handle.ts";
import { type ObjectStore, type OpenStore, withStore } from "../object-store.ts";
import { leaderOrExplain } from "../patroni/patroni-lifecycle.ts";
import { waitFor } from "../wait.ts";
import type { Narrator } from "./verb.ts";

export interface BackupNowOptions {
  /** For one that is running already, and for this one. @default 21600000: six hours */
  readonly deadlineMs?: number;
  /** @default the cluster's own archive */
  readonly openStore?: OpenStore | undefined;
}

export interface BackupNowReport {
  readonly cluster: string;
  /** That it was made on. */
  readonly member: string;
  readonly backup: BackupReport;
  /** Without the wait for another one. */
  readonly milliseconds: number;
  /** For one that was running already; 0: none was. */
  readonly waitedMs: number;
}

/**
 * Makes a base backup on whoever leads, and looks into the bucket whether it is there. As with those of the schedule, the
 * archiver then lets go of backups that nobody needs any more.
 *
 * @throws ActionError `no-leader`; `unreachable` when the bucket does not answer, before anything is begun; `failed` with
 *   the archiver's last lines, or when the bucket does not hold the backup; `deadline`.
 */
export async function backupNow(
  handle: ClusterHandle,
  options: BackupNowOptions,
  narrator: Narrator,
): Promise<BackupNowReport> {
  const { deadlineMs = 6 * 3_600_000, openStore } = options;
  const { clock, archive, signal } = handle;
  const end = clock.now() + deadlineMs;
  const { name: leader } = (await leaderOrExplain(handle)).leader;
  const make = async (store: ObjectStore): Promise<BackupNowReport> => {
    // Asked for nothing but an answer: a backup that cannot be stored would read the whole cluster for it.
    await store.folders(archive.bucket, `${archive.prefix}/`);
    const waitedMs = await awaitOther(handle, leader, deadlineMs, narrator);
    let began = clock.now();
    const backup = await makeBackup({
      ...{ leader, exec: handle.execOn(leader), store, folder: archive, signal },
      timeoutMs: Math.max(1000, end - began),
      begins: () => {
        narrator.note(`${leader} leads and makes a base backup`);
        began = clock.now();
      },
      goesOn: () =>
        narrator.warn(
          `the backup goes on on ${leader}: \`spiloctl backup list\` shows it when it is complete`,
        ),
    });
    const milliseconds = clock.now() - began;
    const { name, sizeBytes } = backup;
    narrator.step(`${name} is in s3://${archive.bucket}`, milliseconds);
    await handle.record("backup", { name, sizeBytes, tookMs: Math.round(milliseconds) });
    return { cluster: handle.name, member: leader, backup, milliseconds, waitedMs };
  };
  return withStore(archive, make, openStore);
}

/** @returns how long it took until none was running. */
async function awaitOther(
  { clock, signal, execOn }: ClusterHandle,
  leader: string,
  deadlineMs: number,
  narrator: Narrator,
): Promise<number> {
  const exec = execOn(leader);
  if (!(await isBackupRunning(exec, leader))) return 0;
  narrator.note(`${leader} makes a base backup already: this one waits for its end`);
  const began = clock.now();
  const what = `the base backup that runs on ${leader} ends`;
  await waitFor({ what, deadlineMs, everyMs: 1000, clock, signal }, async () =>
    (await isBackupRunning(exec, leader)) ? { pending: "it still runs" } : { found: true },
  );
  const waited = clock.now() - began;
  narrator.step(`the other base backup has ended`, waited);
  return waited;
}
