import { execa } from "execa";
import { ActionError } from "../action-error.ts";

export interface PulumiPlace {
  /** @default the one that is selected in the folder */
  readonly stack?: string | undefined;
  /** Of the program (Pulumi.yaml). @default the current one */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a command of Pulumi's own CLI has printed. It may have ended with an error. */
interface PulumiSaid {
  readonly exitCode: number;
  readonly stdout: string;
  /** The first line that says something, for people. */
  readonly why: string;
}

/**
 * Runs a command of Pulumi's CLI that only looks, with the backend that it is set up for.
 *
 * @throws ActionError `failed` when there is no CLI.
 */
export async function pulumiSays(
  args: readonly string[],
  { stack, folder, signal }: PulumiPlace,
): Promise<PulumiSaid> {
  const named = stack === undefined ? [] : ["--stack", stack];
  const ended = await execa("pulumi", [...args, "--non-interactive", ...named], {
    ...(folder === undefined ? {} : { cwd: folder }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdin: "ignore",
    reject: false,
    maxBuffer: 256 * 1024 ** 2,
  });
  signal?.throwIfAborted();
  if (ended.code === "ENOENT") {
    throw new ActionError(
      "failed",
      "pulumi is not on PATH, or the folder is not there\n" +
        'Install the Pulumi CLI; in a checkout of pulumi-spilo, eval "$(./run env)" puts it on PATH.',
    );
  }
  return { exitCode: ended.exitCode ?? 1, stdout: ended.stdout, why: firstLine(ended.stderr) };
}

function firstLine(said: string): string {
  const lines = said.split("\n").map((line) => line.replace(/^error: /, "").trim());
  return lines.find((line) => line !== "") ?? "it said nothing";
}
