import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { ActionError, reasonOf } from "./action-error.ts";

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
  /** Ends the wait; the program in the container goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program in a container and waits for its end. */
export type ContainerExec = (
  container: string,
  command: readonly string[],
  options: ExecOptions,
) => Promise<ExecResult>;

/** @param host the engine's address as the docker provider takes it: `unix://`, `tcp://` or `ssh://`. */
export function containerExec(host: string): ContainerExec {
  return async (container, command, { user, timeoutMs, signal }) => {
    const { default: Engine } = await import("dockerode");
    const engine = new Engine(engineOptions(host));
    const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
    const abortSignal = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
    try {
      const exec = await engine.getContainer(container).exec({
        Cmd: [...command],
        User: user,
        AttachStdout: true,
        AttachStderr: true,
        abortSignal,
      });
      const stream = await exec.start({ abortSignal });
      const [output, errors] = await collect(engine, stream, abortSignal);
      const { ExitCode } = await exec.inspect();
      return { exitCode: ExitCode ?? -1, output, errors };
    } catch (error) {
      const reason = abortSignal.aborted
        ? `not done within ${Math.round(timeoutMs / 1000)} s`
        : reasonOf(error);
      throw new ActionError("failed", `${container}: ${command.join(" ")}: ${reason}`, { cause: error });
    }
  };
}

async function collect(
  engine: Docker,
  stream: NodeJS.ReadableStream,
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
  }
  return texts;
}

async function textOf(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function engineOptions(host: string): Docker.DockerOptions {
  const url = new URL(host);
  switch (url.protocol) {
    case "unix:":
      return { socketPath: url.pathname };
    case "ssh:":
      return {
        protocol: "ssh",
        host: url.hostname,
        port: Number(url.port === "" ? 22 : url.port),
        ...(url.username === "" ? {} : { username: url.username }),
      };
    default:
      return { protocol: "http", host: url.hostname, port: Number(url.port === "" ? 2375 : url.port) };
  }
}
