import { type Duplex, PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { ActionError, reasonOf } from "../action-error.ts";
import { engineClient, engineStatusOf } from "./engine-client.ts";

export interface ExecResult {
  readonly exitCode: number;
  /** Standard output. */
  readonly output: string;
  /** Standard error. */
  readonly errors: string;
}

export interface ExecOptions {
  readonly user: string;
  readonly timeoutMs: number;
  /** What the program reads: the place for whatever nobody may see in a list of processes. @default nothing */
  readonly input?: string;
  /** Ends the wait; the program in the container goes on. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program in a container and waits for its end.
 *
 * @throws ActionError `unreachable` when the container does not run, `failed` when the engine does not answer, or the
 *   program does not end in time. The input is in none of them.
 */
export type ContainerExec = (
  container: string,
  command: readonly string[],
  options: ExecOptions,
) => Promise<ExecResult>;

/** @param host the engine's address as the docker provider takes it: `unix://`, `tcp://` or `ssh://`. */
export function containerExec(host: string): ContainerExec {
  return async (container, command, { user, timeoutMs, input, signal }) => {
    const engine = await engineClient(host);
    const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
    const abortSignal = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
    const withInput = input !== undefined;
    try {
      const exec = await engine.getContainer(container).exec({
        Cmd: [...command],
        User: user,
        AttachStdin: withInput,
        AttachStdout: true,
        AttachStderr: true,
        abortSignal,
      });
      // With input, the connection is taken over as it is: HTTP has no way to say that the input has ended.
      const stream = await exec.start({ abortSignal, hijack: withInput, stdin: withInput });
      const texts = collect(engine, stream, abortSignal);
      if (withInput) stream.end(input);
      const [output, errors] = await texts;
      return { exitCode: await exitCodeOf(exec, abortSignal), output, errors };
    } catch (error) {
      signal?.throwIfAborted();
      const reason = deadline.aborted ? `not done within ${Math.round(timeoutMs / 1000)} s` : reasonOf(error);
      const code = isNotRunning(error) ? "unreachable" : "failed";
      throw new ActionError(code, `${container}: ${command.join(" ")}: ${reason}`, { cause: error });
    }
  };
}

/**
 * Programs in the containers of these members or proxies, each on its own engine.
 *
 * @returns what throws ActionError `failed` for a part that is none of them.
 */
export function execOnParts(
  parts: readonly { readonly name: string; readonly engine: string }[],
): (part: string) => ContainerExec {
  const engines = new Map(parts.map(({ name, engine }) => [name, engine]));
  return (part) => {
    const engine = engines.get(part);
    if (engine !== undefined) return containerExec(engine);
    const known = [...engines.keys()].join(", ");
    throw new ActionError("failed", `${part}: no member or proxy of this stack: it has ${known}`);
  };
}

/** Stopped, paused or restarting: the engine's 409. */
function isNotRunning(error: unknown): boolean {
  return engineStatusOf(error) === 409;
}

/** The streams end a moment before the engine has noted with which code. */
async function exitCodeOf(exec: Docker.Exec, abortSignal: AbortSignal): Promise<number> {
  for (;;) {
    const { Running, ExitCode } = await exec.inspect({ abortSignal });
    if (!Running) return ExitCode ?? -1;
    await sleep(20, undefined, { signal: abortSignal });
  }
}

async function collect(
  engine: Docker,
  stream: Duplex,
  signal: AbortSignal,
): Promise<[output: string, errors: string]> {
  const output = new PassThrough();
  const errors = new PassThrough();
  engine.modem.demuxStream(stream, output, errors);
  const ended = new Promise<void>((resolve, reject) => {
    stream.on("end", resolve);
    stream.on("error", reject);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  const texts = Promise.all([textOf(output), textOf(errors)]);
  try {
    await ended;
  } finally {
    output.end();
    errors.end();
    // Nobody waits for a program any more whose time is over.
    stream.destroy();
  }
  return texts;
}

async function textOf(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
