import { z } from "zod";
import { ActionError, reasonOf } from "./action-error.ts";
import type { ContainerExec, ExecOptions } from "./engine/container-exec.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import { findCluster, leaderOf } from "./patroni/find-cluster.ts";
import type { PatroniClient } from "./patroni/patroni-client.ts";
import { type Clock, systemClock, waitFor } from "./wait.ts";

export interface FirstBackupOptions {
  readonly members: readonly { readonly name: string; readonly restUrl: string }[];
  readonly patroni: PatroniClient;
  /** Runs a program in the container of that member. */
  readonly execOn: (member: string) => ContainerExec;
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Where this incarnation keeps its WAL and backups. */
  readonly prefix: string;
  readonly deadlineMs: number;
  readonly report: (line: string) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

export interface BackupMade {
  readonly name: string;
  readonly sizeBytes: number;
}

/**
 * Makes sure that a complete base backup is in the bucket: WAL alone restores nothing. The image may make one by
 * itself when it bootstraps; that one is waited for and taken.
 *
 * @throws ActionError with the last lines of the archiver, or with what is missing in the bucket.
 */
export async function makeFirstBackup(options: FirstBackupOptions): Promise<BackupMade> {
  const clock = options.clock ?? systemClock;
  const end = clock.now() + options.deadlineMs;
  const left = () => Math.max(1000, end - clock.now());
  const name = await waitFor(
    {
      what: "the first base backup is complete",
      deadlineMs: options.deadlineMs,
      everyMs: 1000,
      remedy: "docker logs of the leader says more; then run `pulumi up` again",
      clock,
      signal: options.signal,
    },
    async () => {
      const leader = await findLeader(options);
      const exec = options.execOn(leader);
      const newest = (await listBackups(exec, leader)).at(-1);
      if (newest !== undefined) return { found: newest };
      if (await isBackupRunning(exec, leader)) return { pending: "a base backup is running" };
      options.report(`taking the first base backup on ${leader}`);
      await runBackup(exec, leader, { user: "postgres", timeoutMs: left(), signal: options.signal });
      return { pending: "the backup ran, but the archive does not list it" };
    },
  );
  return verifyStored(options, name);
}

export async function findLeader({ patroni, members }: FirstBackupOptions): Promise<string> {
  const { view } = await findCluster(
    patroni,
    members.map(({ restUrl }) => restUrl),
  );
  const leader = leaderOf(view);
  if (leader === undefined) throw new ActionError("no-leader", "no member leads, so none can be backed up");
  return leader.name;
}

/** Complete backups as the archiver knows them, newest last; one that is being made has no entry yet. */
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
async function isBackupRunning(exec: ContainerExec, member: string): Promise<boolean> {
  const command = ["pgrep", "-f", "[b]ackup-push"];
  const { exitCode } = await exec(member, command, { user: "postgres", timeoutMs: 10_000 });
  return exitCode === 0;
}

export async function runBackup(exec: ContainerExec, member: string, options: ExecOptions): Promise<void> {
  const command = archiverCommand('/scripts/postgres_backup.sh "$PGDATA"');
  const { exitCode, output, errors } = await exec(member, command, options);
  if (exitCode === 0) return;
  const said = lastLines(`${output}\n${errors}`);
  throw new ActionError("failed", `${member}: the base backup ended with ${exitCode}: ${said}`);
}

/** The archiver's environment, credentials included, is a directory of files in the container. */
function archiverCommand(command: string): readonly string[] {
  return ["sh", "-c", `exec envdir "\${WALE_ENV_DIR:-/run/etc/wal-e.d/env}" ${command}`];
}

/** The bucket itself is asked: an archiver that writes elsewhere must not pass for a backup. */
export async function verifyStored(options: FirstBackupOptions, name: string): Promise<BackupMade> {
  let objects: readonly StoredObject[];
  try {
    objects = await options.store.list(options.bucket, `${options.prefix}/`);
  } catch (error) {
    throw new ActionError("failed", `the backup ${name} cannot be checked: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const own = objectsOf(objects, name);
  const sizeBytes = own.reduce((sum, object) => sum + object.sizeBytes, 0);
  if (sizeBytes > 0) return { name, sizeBytes };
  throw new ActionError(
    "failed",
    `the archiver lists the backup ${name}, but s3://${options.bucket}/${options.prefix} holds no complete one ` +
      `among ${objects.length} objects. Check WAL-G's settings in the member's log`,
  );
}

/**
 * The objects of a complete backup, in either layout: WAL-G ends one with a sentinel file of its name, barman describes
 * one in a backup.info below the time at which it began.
 */
function objectsOf(objects: readonly StoredObject[], name: string): readonly StoredObject[] {
  if (objects.some(({ key }) => key.endsWith(`/${name}_backup_stop_sentinel.json`))) {
    return objects.filter(({ key }) => key.includes(`/${name}/`) || key.includes(`/${name}_`));
  }
  const folders = objects
    .filter(({ key }) => /\/base\/[^/]+\/backup\.info$/.test(key))
    .map(({ key }) => key.slice(0, -"backup.info".length))
    .sort();
  const newest = folders.at(-1);
  const inside = newest === undefined ? [] : objects.filter(({ key }) => key.startsWith(newest));
  return inside.length > 1 ? inside : [];
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-3).join(" | ").slice(-400);
}
