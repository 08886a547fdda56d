import { execa } from "execa";

/** What every command of a build may be given. */
export interface RunOptions {
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Says whether the engine has an image of this tag. Throws when no engine answers. */
export async function imageExists(tag: string, options: RunOptions): Promise<boolean> {
  const { stdout } = await execa("docker", ["image", "ls", "--quiet", "--filter", `reference=${tag}`], {
    ...(options.signal && { cancelSignal: options.signal }),
  });
  return stdout !== "";
}

/**
 * Runs a command to its end and hands on its lines, of both streams, as they come.
 *
 * @param options `why`: what the program is needed for, told when there is none.
 * @throws with the last lines when the command fails.
 */
export async function runLines(
  command: string,
  args: readonly string[],
  options: RunOptions & { inputFile?: string; cwd?: string; env?: Record<string, string>; why?: string },
): Promise<void> {
  const child = execa(command, args, {
    all: true,
    buffer: false,
    reject: false,
    ...(options.inputFile ? { inputFile: options.inputFile } : { stdin: "ignore" as const }),
    // The engine is given time to remove the step that runs.
    forceKillAfterDelay: 30_000,
    ...(options.cwd && { cwd: options.cwd }),
    ...(options.env && { env: options.env }),
    ...(options.signal && { cancelSignal: options.signal }),
  });
  const tail: string[] = [];
  for await (const line of child.iterable({ from: "all" })) {
    tail.push(line);
    if (tail.length > 20) tail.shift();
    options.onLine?.(line);
  }
  const result = await child;
  if (result.isCanceled) throw new Error(`${command} was stopped`);
  if (result.code === "ENOENT") {
    throw new Error(`${command}: not found${options.why === undefined ? "" : `: ${options.why}`}`);
  }
  if (result.failed)
    throw new Error(`${command} ${args[0]} failed (exit ${result.exitCode}):\n${tail.join("\n")}`);
}
