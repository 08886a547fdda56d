import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { execa } from "execa";
import { root } from "../paths.ts";

/** Folders of sources beside which files lie that are read at run time: each is looked for beside what reads it. */
const withFiles = ["actions", "cluster", "templates"] as const;

/**
 * Makes `dist` of the sources, for `npm pack`: JavaScript with its declarations, and the files that it reads, all in the same
 * folders as the sources. Nothing of a checkout runs from there.
 *
 * @throws when the sources do not compile.
 */
export async function build(): Promise<void> {
  const dist = join(root, "dist");
  await rm(dist, { recursive: true, force: true });
  await execa("tsc", ["--project", "tsconfig.build.json"], {
    cwd: root,
    preferLocal: true,
    stdio: "inherit",
  });
  for (const folder of withFiles) await copyFiles(join(root, folder), join(dist, folder));
  for (const file of await filesOf(dist, ".d.ts")) await nameScripts(file);
}

async function copyFiles(from: string, to: string): Promise<void> {
  for (const file of await filesOf(from)) {
    if (!file.endsWith(".ts")) await cp(file, join(to, relative(from, file)));
  }
}

/** The compiler rewrites imports in what runs, and leaves those in declarations, which not every compiler takes. */
async function nameScripts(file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replaceAll(/((?:from |import\()"\.[^"]*)\.ts"/g, '$1.js"'));
}

async function filesOf(folder: string, ending = ""): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map(({ parentPath, name }) => join(parentPath, name));
}
