import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { local, root } from "../toolchain/paths.ts";

/** A project of somebody else's that has installed the package. */
export interface Consumer {
  readonly folder: string;
  /** Its own programs, such as `tsc` and `node`. Rejects unless they end with 0. Returns everything that was printed. */
  run(program: string, ...args: string[]): Promise<string>;
  dispose(): Promise<void>;
}

/**
 * Packs this project and installs the tarball into a new folder, beside a compiler and Pulumi. Nothing of this checkout
 * is reached from there, but for npm's settings: those name the registry.
 *
 * @param sources a folder whose files are copied into it.
 */
export async function makeConsumer(sources: string): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), "spilo-consumer-"));
  const run = async (program: string, ...args: string[]) =>
    (await execa(program, args, { cwd: folder, preferLocal: true, localDir: folder, all: true })).all;
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const tarball = await pack(folder);
    await cp(sources, folder, { recursive: true });
    await cp(join(root, ".npmrc"), join(folder, ".npmrc"));
    const { devDependencies } = await manifestOf(root);
    const manifest = {
      name: "consumer",
      private: true,
      type: "module",
      dependencies: {
        "@pulumi/pulumi": devDependencies["@pulumi/pulumi"],
        "pulumi-spilo": `file:${tarball}`,
        typescript: devDependencies["typescript"],
        "@types/node": devDependencies["@types/node"],
      },
    };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    await run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error");
    return { folder, run, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Packs this project into a folder. @returns the name of the file. */
export async function pack(folder: string): Promise<string> {
  // Several groups of tests do this, perhaps at once, and each writes dist.
  const lock = [join(local, "pack.lock"), "npm", "pack", "--pack-destination", folder];
  await execa("flock", lock, { cwd: root });
  const [tarball = ""] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  return tarball;
}

async function manifestOf(folder: string): Promise<{ devDependencies: Record<string, string> }> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
}
