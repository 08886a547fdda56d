import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { automation } from "@pulumi/pulumi";
import { Failure } from "./failure.ts";
import { stateDirectory } from "./paths.ts";
import { isAlive } from "./processes.ts";

/** How long an update whose `./run` was killed may go on by itself before we give up waiting for it. */
const ORPHAN_DEADLINE_MS = 120_000;

interface UpdateLock {
  readonly pid: number;
  readonly hostname: string;
}

/**
 * Takes over after a killed update: the file backend keeps its lock although the process is dead.
 *
 * A lock whose process lives on this host is waited for; one of another host is reported and left alone.
 */
export async function releaseStaleLock(stack: automation.Stack, project: string): Promise<boolean> {
  const locks = await readLocks(project, stack.name);
  for (const lock of locks) {
    if (lock.hostname !== hostname()) throw lockedElsewhere(lock);
    await waitForEnd(lock.pid);
  }
  if (locks.length > 0 && (await readLocks(project, stack.name)).length > 0) {
    await stack.cancel();
    return true;
  }
  return false;
}

async function readLocks(project: string, stack: string): Promise<UpdateLock[]> {
  const directory = join(stateDirectory, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(directory)) return [];
  const locks: UpdateLock[] = [];
  for (const file of await readdir(directory)) {
    const text = await readFile(join(directory, file), "utf8").catch(() => "{}"); // released meanwhile
    const { pid, hostname: host } = JSON.parse(text);
    if (typeof pid === "number" && typeof host === "string") locks.push({ pid, hostname: host });
  }
  return locks;
}

async function waitForEnd(pid: number): Promise<void> {
  const deadline = Date.now() + ORPHAN_DEADLINE_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      throw new Failure(
        `pulumi: an update is still at work (process ${pid})`,
        `it has not ended within ${ORPHAN_DEADLINE_MS / 1000} s.`,
        `Wait for it and run this again; or stop it (kill -INT ${pid}) first.`,
      );
    }
    await pause(500);
  }
}

function lockedElsewhere(lock: UpdateLock): Failure {
  return new Failure(
    `pulumi: the stack is locked by process ${lock.pid} on host ${lock.hostname}`,
    "an update seems to run there.",
    "Wait for it; when that host is gone for good, run `pulumi cancel` (./run env prints what the shell needs).",
  );
}
