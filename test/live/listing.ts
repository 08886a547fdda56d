import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

/** Looks at every process of this machine, those in containers too, until it is stopped. */
export interface ProcessWatch {
  /** @returns every command line that was seen. */
  stop(): Promise<readonly string[]>;
}

export function watchProcesses(): ProcessWatch {
  const seen = new Set<string>();
  let stopping = false;
  const watching = (async () => {
    while (!stopping) {
      for (const line of await commandLines()) seen.add(line);
      await pause(50);
    }
  })();
  return {
    stop: async () => {
      stopping = true;
      await watching;
      return [...seen];
    },
  };
}

async function commandLines(): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // A process may have ended since it was listed.
  const read = (pid: string) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return (await Promise.all(pids.map(read))).map((line) => line.replaceAll("\0", " ").trim());
}
