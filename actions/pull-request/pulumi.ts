import { z } from "zod";
import { ActionError } from "../action-error.ts";
import { runPulumi } from "../run-pulumi.ts";

/** Pulumi's CLI in the folder of a program. */
export interface Pulumi {
  /** Runs it and shows what it says, on standard error. @throws ActionError `failed` unless it ends with 0. */
  show(...args: string[]): Promise<void>;
  /** Whether there is such a stack in the program's backend. */
  hasStack(stack: string): Promise<boolean>;
  /** Types and names of what the state of a stack knows, without the stack itself and the providers. */
  resources(stack: string): Promise<readonly string[]>;
}

const stacks = z.array(z.object({ name: z.string() }));
const state = z.object({
  deployment: z.object({
    resources: z.array(z.object({ type: z.string(), urn: z.string() })).optional(),
  }),
});

export function pulumiIn(folder: string | undefined, signal?: AbortSignal): Pulumi {
  const run = async (args: readonly string[], isShown: boolean) => {
    const ended = await runPulumi(args, { folder, signal, isShown });
    if (ended === undefined) throw noCli(args);
    return ended;
  };
  const ask = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await run(args, false);
    if (exitCode === 0) return JSON.parse(stdout);
    throw failed(args, stderr.trim());
  };
  return {
    show: async (...args) => {
      const { exitCode } = await run(args, true);
      if (exitCode !== 0) throw failed(args, "the lines above say why.");
    },
    hasStack: async (stack) => {
      const listed = stacks.parse(await ask("stack", "ls", "--json"));
      // In front of the name may be those of the organisation and the project.
      return listed.some(({ name }) => name.replace(/^.*\//, "") === stack);
    },
    resources: async (stack) => {
      const { deployment } = state.parse(await ask("stack", "export", "--stack", stack));
      return (deployment.resources ?? [])
        .filter(({ type }) => !type.startsWith("pulumi:"))
        .map(({ type, urn }) => `${type.replace(/^.*:/, "")} ${urn.replace(/^.*::/, "")}`);
    },
  };
}

function noCli(args: readonly string[]): ActionError {
  return new ActionError(
    "failed",
    `pulumi ${args.join(" ")}: pulumi is not on PATH, or the folder is not there\nstacks are made and removed by Pulumi's own CLI.\n` +
      "Install the Pulumi CLI in the job, and run this in the folder of the program.",
  );
}

function failed(args: readonly string[], said: string): ActionError {
  return new ActionError(
    "failed",
    `pulumi ${args.join(" ")}: failed\n${said}\nMend that and run the job again: what is done is not done twice.`,
  );
}
