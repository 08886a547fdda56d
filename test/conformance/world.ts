/** A Pulumi of its own for one test file: home, state, passphrase and the stand-in as its docker plugin. */
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { automation } from "@pulumi/pulumi";
import { PLUGIN } from "./names.ts";

export type Program = automation.PulumiFn;

/** What is planned for each resource of a program, by its logical name. */
export interface Plan {
  /** `same`, `create`, `update`, `replace`, `delete`. */
  readonly steps: Readonly<Record<string, string>>;
  /** The properties behind the step. */
  readonly diffs: Readonly<Record<string, readonly string[]>>;
  /** What a person sees, with details. */
  readonly shown: string;
}

export interface World {
  readonly up: (program: Program) => Promise<void>;
  /** The text of the error that the update ends with. */
  readonly upFails: (program: Program) => Promise<string>;
  readonly plan: (program: Program, options?: { readonly refresh?: boolean }) => Promise<Plan>;
  /** Compares the state with what is there, but for these resources. */
  readonly refreshBut: (urns: readonly string[]) => Promise<void>;
  readonly destroy: () => Promise<void>;
  /** Sets a variable of the CLI's environment from now on. */
  readonly setEnv: (name: string, value: string) => void;
  readonly resources: () => Promise<readonly StateResource[]>;
  /** The checkpoint as it lies on the disk. */
  readonly checkpoint: () => Promise<string>;
  /** Destroys what is left and removes the files. What a test removed behind Pulumi's back needs a refresh before. */
  readonly close: (options?: { readonly refresh?: boolean }) => Promise<void>;
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly deletedWith?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly initErrors?: readonly string[];
}

interface Checkpoint {
  readonly checkpoint: { readonly latest: { readonly resources?: readonly StateResource[] } };
}

const PROJECT = "conformance";

export async function newWorld(
  stackName: string,
  env: Readonly<Record<string, string>> = {},
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "psconf-world-"));
  // Without a folder of ours, the library makes one that nobody removes.
  const workDir = join(folder, "project");
  await mkdir(workDir);
  const stack = await automation.LocalWorkspace.createStack(
    { stackName, projectName: PROJECT, program: async () => {} },
    { workDir, envVars: { ...(await worldEnv(folder)), ...env }, pulumiCommand: await cli() },
  );
  return {
    ...operations(stack, folder, stackName),
    close: (options) => close(stack, folder, options?.refresh === true),
  };
}

async function worldEnv(folder: string): Promise<Record<string, string>> {
  const home = join(folder, "home");
  const manifest: { readonly version: string } = createRequire(import.meta.url)(
    "@pulumi/docker/package.json",
  );
  const plugin = join(home, "plugins", `resource-docker-v${manifest.version}`);
  await mkdir(plugin, { recursive: true });
  await mkdir(join(folder, "state"));
  await symlink(PLUGIN, join(plugin, "pulumi-resource-docker"));
  return {
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "conformance",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

/** `PULUMI_SPILO_CLI` names the CLI to use, else the one on PATH is. */
async function cli(): Promise<automation.PulumiCommand> {
  const named = process.env["PULUMI_SPILO_CLI"];
  if (named) process.env["PATH"] = `${dirname(named)}${delimiter}${process.env["PATH"]}`;
  return await automation.PulumiCommand.get();
}

function operations(stack: automation.Stack, folder: string, stackName: string): Omit<World, "close"> {
  const file = join(folder, "state/.pulumi/stacks", PROJECT, `${stackName}.json`);
  const readCheckpoint = () => readFile(file, "utf8");
  return {
    up: async (program) => {
      await stack.up({ program, suppressOutputs: true });
    },
    upFails: async (program) => {
      const outcome = await stack.up({ program }).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (outcome === undefined) throw new Error("the update was expected to fail, and did not");
      return outcome;
    },
    refreshBut: async (urns) => {
      await stack.refresh({ exclude: [...urns], suppressOutputs: true });
    },
    destroy: async () => {
      await stack.destroy({ suppressOutputs: true });
    },
    plan: (program, options) => plan(stack, program, options?.refresh === true),
    setEnv: (name, value) => {
      stack.workspace.envVars[name] = value;
    },
    resources: async () => {
      const { checkpoint }: Checkpoint = JSON.parse(await readCheckpoint());
      return checkpoint.latest.resources ?? [];
    },
    checkpoint: readCheckpoint,
  };
}

async function plan(stack: automation.Stack, program: Program, refresh: boolean): Promise<Plan> {
  const steps: Record<string, string> = {};
  const diffs: Record<string, readonly string[]> = {};
  const { stdout } = await stack.preview({
    program,
    refresh,
    diff: true,
    color: "never",
    onEvent: ({ resourcePreEvent: event }) => {
      if (event === undefined) return;
      const { op, urn, detailedDiff } = event.metadata;
      const name = urn.slice(urn.lastIndexOf("::") + 2);
      // A replacement is announced as three steps: the one in the middle names it. A refresh comes before the rest.
      if (op === "refresh" || op.endsWith("-replaced") || op.startsWith("create-replace")) return;
      steps[name] = op;
      diffs[name] = Object.keys(detailedDiff ?? {});
    },
  });
  return { steps, diffs, shown: stdout };
}

async function close(stack: automation.Stack, folder: string, refresh: boolean): Promise<void> {
  try {
    await stack.destroy({ refresh });
  } finally {
    await rm(folder, { recursive: true });
  }
}
