import { randomBytes } from "node:crypto";
import { bytesInWords } from "../../cluster/schema/byte-words.ts";
import { ActionError } from "../action-error.ts";
import { type BackupReport, storedBackups } from "../archive/stored-backups.ts";
import { keysFolder, type TrialResult, type TrialStep, tryToRestore } from "../archive/trial-restore.ts";
import { type RunInside, withThrowAway } from "../engine/throw-away.ts";
import type { ClusterHandle } from "../handle.ts";
import { type ObjectStore, type OpenStore, withStore } from "../object-store.ts";
import { findCluster, isInService, isLeader } from "../patroni/find-cluster.ts";
import { ask, known } from "../status/ask.ts";
import { type Narrator, Refusal } from "./verb.ts";

export interface VerifyBackupOptions {
  /** Of the backup. @default the newest */
  readonly name?: string | undefined;
  /** @default 21600000: six hours */
  readonly deadlineMs?: number;
  /** @default the cluster's own archive */
  readonly openStore?: OpenStore | undefined;
  /** @default a container on the member's engine */
  readonly throwAway?: typeof withThrowAway;
}

export interface VerifyReport extends TrialResult {
  readonly cluster: string;
  readonly backup: BackupReport;
  /** Beside whom it was restored. */
  readonly member: string;
  /** Nothing is wrong with it. */
  readonly good: boolean;
}

/**
 * Restores a base backup into a server that is there for nothing else, and looks at all of it. The cluster goes on, and
 * knows nothing of it: the server is no member, has no port, archives nothing, and goes in any case.
 *
 * @returns what is wrong with the backup, if anything is.
 * @throws Refusal when there is no such backup, or not enough room for it on the engine.
 * @throws ActionError `unreachable`, `failed` or `deadline` when it could not be tried, which says nothing about it.
 */
export async function verifyBackup(
  handle: ClusterHandle,
  options: VerifyBackupOptions,
  narrator: Narrator,
): Promise<VerifyReport> {
  const { deadlineMs = 6 * 3_600_000, openStore, throwAway = withThrowAway } = options;
  const { archive, clock, signal } = handle;
  const verify = async (store: ObjectStore): Promise<VerifyReport> => {
    const backup = chosen(handle, await storedBackups(store, archive), options.name);
    const { name, engine } = await memberToStandBeside(handle);
    narrator.note(
      `${backup.name} (${bytesInWords(backup.sizeBytes)}) is restored beside ${name}, and thrown away`,
    );
    const place = {
      engine,
      like: name,
      name: `${name}-trial-${randomBytes(4).toString("hex")}`,
      lifeSeconds: Math.ceil(deadlineMs / 1000) + 60,
      inMemory: keysFolder,
      signal,
    };
    const result = await throwAway(place, async (run) => {
      await insistOnRoom(run, backup, engine);
      const done = (step: TrialStep, milliseconds: number, detail: string) =>
        narrator.step(stepInWords[step](detail), milliseconds);
      return await tryToRestore(run, { archive, name: backup.name, deadlineMs, clock, signal, done });
    });
    // Of an archive that does not answer, it would be no fault of the backup's.
    if (result.problem !== null) await store.folders(archive.bucket, `${archive.prefix}/`);
    const good = result.problem === null;
    await handle.record("backup-verify", { name: backup.name, good, ...foundIn(result) });
    return { cluster: handle.name, backup, member: name, good, ...result };
  };
  return withStore(archive, verify, openStore);
}

function foundIn({ problem }: TrialResult): Readonly<Record<string, string>> {
  return problem === null ? {} : { step: problem.step, reason: problem.reason };
}

const stepInWords: Readonly<Record<TrialStep, (detail: string) => string>> = {
  fetch: () => "fetched from the bucket",
  recover: () => "recovered until it was consistent",
  read: (databases) => `read from beginning to end: ${databases}`,
  checksums: (said) => (said === "off" ? "the cluster has no checksums" : "every page has its checksum"),
};

function chosen(
  { archive: { bucket, prefix } }: ClusterHandle,
  backups: readonly BackupReport[],
  name: string | undefined,
): BackupReport {
  const found = name === undefined ? backups.at(-1) : backups.find((backup) => backup.name === name);
  if (found !== undefined) return found;
  if (backups.length === 0) {
    throw new Refusal([`s3://${bucket}/${prefix} holds no base backup`], "Make one: `spiloctl backup now`.");
  }
  const known = backups.map((backup) => backup.name).join(", ");
  throw new Refusal([`s3://${bucket}/${prefix} holds no base backup ${name}`], `It holds ${known}.`);
}

/**
 * A standby in service, if there is any: what is restored takes from whatever else is on its host. Then the leader, and
 * last whoever may be on a host that is lost.
 */
async function memberToStandBeside(handle: ClusterHandle): Promise<ClusterHandle["members"][number]> {
  const { patroni, members } = handle;
  const urls = members.map(({ restUrl }) => restUrl);
  const view = known(await ask(() => findCluster(patroni, urls)))?.view;
  const rank = ({ name }: { readonly name: string }) => {
    const seen = view?.members.find((one) => one.name === name);
    if (seen === undefined || !isInService(seen)) return 2;
    return isLeader(seen) ? 1 : 0;
  };
  const [member] = members.toSorted((a, b) => rank(a) - rank(b));
  if (member === undefined) throw new ActionError("failed", `cluster ${handle.name} has no member`);
  return member;
}

/** A host whose disk is full stops the members that are on it. */
async function insistOnRoom(run: RunInside, { dataBytes }: BackupReport, engine: string): Promise<void> {
  if (dataBytes === null) return;
  const command = ["df", "--output=avail", "--block-size=1", "/tmp"];
  const { output } = await run(command, { timeoutMs: 30_000 });
  const free = Number(output.split("\n")[1]?.trim());
  // Recovery brings WAL as well, and the server writes some.
  const needed = dataBytes * 1.1 + SPARE_BYTES;
  if (!(free < needed)) return;
  throw new Refusal(
    [`it takes ${bytesInWords(needed)}, and ${engine} has ${bytesInWords(free)} left`],
    "Make room on its disk, or restore it elsewhere.",
  );
}

const SPARE_BYTES = 512 * 1024 ** 2;
