import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Makes a file or folder so that it is either not there or complete, whatever interrupts the work.
 *
 * `make` fills a path beside the target, on the same file system; a rename puts it in place. What an earlier,
 * killed attempt left beside it is never looked at; `.local/tmp` is emptied by `./run down --all`.
 */
export async function makeAtomically(
  target: string,
  scratch: string,
  make: (path: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await mkdir(scratch, { recursive: true });
  const directory = await mkdtemp(join(scratch, "make-"));
  try {
    const path = join(directory, "result");
    await make(path);
    await rm(target, { recursive: true, force: true });
    await rename(path, target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
