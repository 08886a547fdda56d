import { ActionError } from "../action-error.ts";
import { findStored, isBackupRunning, listBackups, runBackup } from "../archive/archiver.ts";
import type { BackupReport } from "../archive/stored-backups.ts";
import type { ContainerExec } from "../engine/container-exec.ts";
import type { ClusterHandle } from "../handle.ts";
import { type ObjectStore, objectStore } from "../object-store.ts";
import { leaderOrExplain } from "../patroni/patroni-lifecycle.ts";
import { waitFor } from "../wait.ts";
import type { Narrator } from "./verb.ts";

export interface BackupNowOptions {
  /** For one that is running already, and for this one. @default 21600000: six hours */
  readonly deadlineMs?: number;
  /** @default the cluster's own archive */
  readonly openStore?: (archive: ClusterHandle["archive"]) => Promise<ObjectStore>;
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
  const { deadlineMs = 6 * 3_600_000, openStore = objectStore } = options;
  const { clock, archive } = handle;
  const end = clock.now() + deadlineMs;
  const { leader } = await leaderOrExplain(handle);
  const exec = handle.execOn(leader.name);
  const store = await openStore(archive);
  try {
    // Asked for nothing but an answer: a backup that cannot be stored would read the whole cluster for it.
    await store.folders(archive.bucket, `${archive.prefix}/`);
    const waitedMs = await awaitOther(handle, leader.name, deadlineMs, narrator);
    const before = await listBackups(exec, leader.name);
    narrator.note(`${leader.name} leads and makes a base backup`);
    const began = clock.now();
    await run(handle, exec, leader.name, { leftMs: Math.max(1000, end - began) }, narrator);
    const name = (await listBackups(exec, leader.name)).find((one) => !before.includes(one));
    if (name === undefined) {
      const message = `${leader.name}: the backup ran, but the archiver lists no new one`;
      throw new ActionError("failed", `${message}: \`docker logs ${leader.name}\` says more`);
    }
    const backup = await findStored(store, archive, name);
    const milliseconds = clock.now() - began;
    narrator.step(`${name} is in s3://${archive.bucket}`, milliseconds);
    const { sizeBytes } = backup;
    await handle.record("backup", { name, sizeBytes, tookMs: Math.round(milliseconds) });
    return { cluster: handle.name, member: leader.name, backup, milliseconds, waitedMs };
  } finally {
    store.close();
  }
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

async function run(
  { signal }: ClusterHandle,
  exec: ContainerExec,
  leader: string,
  { leftMs }: { readonly leftMs: number },
  narrator: Narrator,
): Promise<void> {
  try {
    await runBackup(exec, leader, { timeoutMs: leftMs, signal });
  } catch (error) {
    // A program that was begun in a container is not ended with its connection; nor need it be.
    if (signal?.aborted)
      narrator.warn(`the backup goes on on ${leader}: \`spiloctl backup list\` shows it when it is complete`);
    throw error;
  }
}
