import { ActionError } from "./action-error.ts";
import { findStored, isBackupRunning, listBackups, runBackup } from "./archive/archiver.ts";
import type { ContainerExec } from "./engine/container-exec.ts";
import type { ObjectStore } from "./object-store.ts";
import { findCluster, leaderOf } from "./patroni/find-cluster.ts";
import type { PatroniClient } from "./patroni/patroni-client.ts";
import { type Clock, systemClock, waitFor } from "./wait.ts";

export interface FirstBackupOptions {
  readonly members: readonly { readonly name: string; readonly restUrl: string }[];
  readonly patroni: PatroniClient;
  /** Runs a program in the container of that member. */
  readonly execOn: (member: string) => ContainerExec;
  readonly store: Pick<ObjectStore, "list" | "read">;
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
  const found = await waitFor(
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
      await runBackup(exec, leader, { timeoutMs: left(), signal: options.signal });
      return { pending: "the backup ran, but the archive does not list it" };
    },
  );
  const { name, sizeBytes } = await findStored(options.store, options, found);
  return { name, sizeBytes };
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
