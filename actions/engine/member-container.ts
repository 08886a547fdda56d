import type Docker from "dockerode";
import { ActionError, reasonOf } from "../action-error.ts";
import { textOf } from "./container-log.ts";
import { engineClient, engineStatusOf } from "./engine-client.ts";

/** The container of a member, as the engine deals with it. */
export interface MemberContainer {
  /** Ends all its processes at once, as a lost machine would. The engine does not start it again by itself. */
  kill(): Promise<void>;
  /** Does nothing when it runs. */
  start(): Promise<void>;
  /** @returns what reads everything that is logged from now on. */
  markLog(): Promise<() => Promise<string>>;
}

/** How long the engine may take to answer. */
const TIMEOUT_MS = 15_000;

/**
 * @param host the engine's address as the docker provider takes it.
 * @throws ActionError `failed` from each of its functions, with what the engine says.
 */
export function memberContainer(host: string, name: string): MemberContainer {
  const ask = async <T>(what: string, work: (container: Docker.Container) => Promise<T>): Promise<T> => {
    const engine = await engineClient(host);
    try {
      return await work(engine.getContainer(name));
    } catch (error) {
      throw new ActionError("failed", `${name}: ${what}: ${reasonOf(error)}`, { cause: error });
    }
  };
  const abortSignal = () => AbortSignal.timeout(TIMEOUT_MS);
  return {
    kill: () =>
      ask(
        "kill",
        async (container) => void (await container.kill({ signal: "SIGKILL", abortSignal: abortSignal() })),
      ),
    start: () => ask("start", (container) => startUnlessRunning(container, abortSignal())),
    markLog: () =>
      ask("its log", async (container) => {
        const since = lastTime(await logOf(container, { tail: 1, timestamps: true }, abortSignal()));
        return () => ask("its log", (one) => logOf(one, { since }, abortSignal()));
      }),
  };
}

async function startUnlessRunning(container: Docker.Container, abortSignal: AbortSignal): Promise<void> {
  try {
    await container.start({ abortSignal });
  } catch (error) {
    if (engineStatusOf(error) !== 304) throw error;
  }
}

interface LogWanted {
  /** Lines from the end. @default all */
  readonly tail?: number;
  /** Seconds of the engine's clock. */
  readonly since?: number;
  readonly timestamps?: boolean;
}

async function logOf(
  container: Docker.Container,
  wanted: LogWanted,
  abortSignal: AbortSignal,
): Promise<string> {
  const answer = await container.logs({ ...wanted, stdout: true, stderr: true, follow: false, abortSignal });
  return textOf(answer);
}

/** By the clock of the engine, which need not be ours; the beginning, when nothing is logged yet. */
function lastTime(line: string): number {
  const [, time] = /^(\d{4}-\S+Z) /.exec(line) ?? [];
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}
