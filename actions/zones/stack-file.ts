import { readdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ActionError, reasonOf } from "../action-error.ts";
import { runPulumi } from "../run-pulumi.ts";

/** The configuration of one stack, as it is written. */
export interface StackFile {
  readonly stack: string;
  readonly path: string;
  readonly text: string;
}

export interface FindStackOptions {
  /** @default the one that is selected in the folder, for which Pulumi's CLI is asked */
  readonly stack?: string | undefined;
  /** Of the program (Pulumi.yaml), or below it. @default the current one */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the configuration of a stack, where Pulumi would look for it. No update is run, no state is read.
 *
 * @throws ActionError `failed` with what to do, when there is no program, no stack is named, or it has no such file.
 */
export async function readStackFile(options: FindStackOptions): Promise<StackFile> {
  const project = await findProject(resolve(options.folder ?? "."));
  const folder = await configFolder(project);
  const ending = extname(project);
  // In front of the name may be those of the organisation and the project.
  const stack = (options.stack ?? (await selectedStack(project, folder, options.signal))).replace(
    /^.*\//,
    "",
  );
  const path = join(folder, `Pulumi.${stack}${ending}`);
  const text = await readFile(path, "utf8").catch(async (error: unknown) => {
    const remedy = `Name a stack with --stack; ${await knownStacks(folder, ending)}.`;
    throw new ActionError("failed", `stack ${stack}: no configuration\n${reasonOf(error)}\n${remedy}`);
  });
  return { stack, path, text };
}

/**
 * Puts another text in its place, whole or not at all.
 *
 * @throws ActionError `failed` when somebody has changed the file since it was read: nothing is written.
 */
export async function replaceStackFile({ path, text }: StackFile, changed: string): Promise<void> {
  // A link goes on leading there.
  const file = await realpath(path);
  const [now, { mode }] = await Promise.all([readFile(file, "utf8"), stat(file)]);
  if (now !== text) {
    throw new ActionError("failed", `${path}: has changed meanwhile\nNothing was written. Run it once more.`);
  }
  await writeFile(`${file}.new`, changed, { mode });
  await rename(`${file}.new`, file);
}

const projectFiles = ["Pulumi.yaml", "Pulumi.yml"];

async function findProject(folder: string): Promise<string> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new ActionError("failed", `${folder}: ${reasonOf(error)}\nGo to the folder of the program.`);
  });
  const found = projectFiles.find((name) => names.includes(name));
  if (found !== undefined) return join(folder, found);
  const above = dirname(folder);
  if (above !== folder) return await findProject(above);
  throw new ActionError(
    "failed",
    "no Pulumi.yaml here or above\nwhere the zones are is read from the configuration of a stack.\nGo to the folder of the program.",
  );
}

const projectSettings = z.looseObject({ stackConfigDir: z.string().optional() });

/** @see https://www.pulumi.com/docs/reference/pulumi-yaml/ */
async function configFolder(project: string): Promise<string> {
  const parsed = projectSettings.safeParse(parse(await readFile(project, "utf8")));
  return resolve(dirname(project), parsed.data?.stackConfigDir ?? ".");
}

async function selectedStack(
  project: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const ended = await runPulumi(["stack", "--show-name"], { folder: dirname(project), signal });
  const name = ended?.exitCode === 0 ? ended.stdout.trim() : "";
  if (name !== "") return name;
  const known = await knownStacks(folder, extname(project));
  throw new ActionError(
    "failed",
    `no stack is named, and Pulumi's CLI does not say which is selected\n${known}.\nName it with --stack.`,
  );
}

/** `there are dev and prod`, as the last part of a sentence. */
async function knownStacks(folder: string, ending: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const stacks = names
    .filter((name) => name.startsWith("Pulumi.") && name.endsWith(ending) && !projectFiles.includes(name))
    .map((name) => name.slice("Pulumi.".length, -ending.length));
  return stacks.length === 0 ? `there are none in ${folder}` : `there are ${stacks.sort().join(", ")}`;
}
