import { execa } from "execa";

export interface PulumiPlace {
  /** @default the one that is selected in the folder */
  readonly stack?: string | undefined;
  /** Of the program (Pulumi.yaml). @default the current one */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface PulumiRun extends PulumiPlace {
  /** What it reads. @default nothing */
  readonly input?: string | undefined;
  /** Whether people see what it says, on standard error: standard output is for reports. @default false */
  readonly isShown?: boolean;
}

/** What a command of Pulumi's own CLI has printed, unless it was shown. It may have ended with an error. */
export interface PulumiEnded {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The first line that says something on standard error, for people. */
  readonly why: string;
}

/** A state may be large. */
const MOST_BYTES = 256 * 1024 ** 2;

/**
 * Runs a command of Pulumi's CLI, with the backend and the secrets provider that it is set up for.
 *
 * @returns undefined when there is no CLI, or no such folder.
 */
export async function runPulumi(
  args: readonly string[],
  { stack, folder, signal, input, isShown = false }: PulumiRun,
): Promise<PulumiEnded | undefined> {
  const named = stack === undefined ? [] : ["--stack", stack];
  const ended = await execa("pulumi", [...args, "--non-interactive", ...named], {
    ...(folder === undefined ? {} : { cwd: folder }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    ...(input === undefined ? { stdin: "ignore" as const } : { input }),
    stdout: isShown ? 2 : "pipe",
    stderr: isShown ? 2 : "pipe",
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    reject: false,
    maxBuffer: MOST_BYTES,
  });
  signal?.throwIfAborted();
  if (ended.code === "ENOENT") return undefined;
  const [stdout, stderr] = [ended.stdout ?? "", ended.stderr ?? ""].map(String) as [string, string];
  return { exitCode: ended.exitCode ?? 1, stdout, stderr, why: firstLine(stderr) };
}

function firstLine(said: string): string {
  const lines = said.split("\n").map((line) => line.replace(/^error: /, "").trim());
  return lines.find((line) => line !== "") ?? "it said nothing";
}
