import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "./failure.ts";
import { instance } from "./paths.ts";
import { isAlive } from "./processes.ts";

const lockFile = join(instance, "run.lock");

/**
 * Does `work` while no other `./run` changes anything in this checkout.
 *
 * The lock holds a process id: one that was killed is taken over. Throws a {@link Failure} that names the other.
 */
export async function exclusively<T>(verb: string, work: () => Promise<T>): Promise<T> {
  await acquire(verb);
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function acquire(verb: string): Promise<void> {
  await mkdir(instance, { recursive: true });
  const content = JSON.stringify({ pid: process.pid, verb });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      await writeFile(lockFile, content, { flag: "wx" });
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = await readHolder();
    if (holder !== undefined && isAlive(holder.pid)) throw busy(holder);
    await rm(lockFile, { force: true });
  }
  throw new Failure(`${lockFile}: taken again at once`, "two runs race for it.", "Run this again.");
}

interface Holder {
  readonly pid: number;
  readonly verb: string;
}

async function readHolder(): Promise<Holder | undefined> {
  const text = await readFile(lockFile, "utf8").catch(() => "");
  const match = /"pid":(\d+),"verb":"(\w+)"/.exec(text);
  return match ? { pid: Number(match[1]), verb: match[2] ?? "" } : undefined;
}

function busy(holder: Holder): Failure {
  return new Failure(
    `./run ${holder.verb} is at work here already (process ${holder.pid})`,
    "two at once would change the same stack.",
    `Wait for it to end, or stop it: kill ${holder.pid}`,
  );
}
