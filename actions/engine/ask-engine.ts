import type Docker from "dockerode";
import { ActionError, reasonOf } from "../action-error.ts";
import { type Clock, systemClock } from "../wait.ts";
import { within } from "../within.ts";
import { engineClient, engineStatusOf } from "./engine-client.ts";

export interface EngineQuestion {
  /** The engine's address as the docker provider takes it. */
  readonly engine: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
}

/**
 * Works with an engine for so long and no longer, also where a connection neither opens nor fails.
 *
 * @param work is to hand the signal on, so that nothing goes on when the time is over.
 * @throws ActionError `unreachable` when the engine does not answer, `failed` with its reason or that of `work`.
 */
export async function askEngine<T>(
  { engine: host, deadlineMs, signal, clock = systemClock }: EngineQuestion,
  work: (engine: Docker, abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const waiting = { what: `the engine ${host} answers`, deadlineMs, clock };
  try {
    const engine = await engineClient(host);
    const working = work(engine, over.signal);
    return await within({ ...waiting, ...(signal === undefined ? {} : { signal }) }, working);
  } catch (error) {
    signal?.throwIfAborted();
    throw asAnswered(host, error);
  } finally {
    over.abort();
  }
}

function asAnswered(host: string, error: unknown): ActionError {
  if (error instanceof ActionError && error.code === "deadline") {
    return new ActionError("unreachable", error.message, { cause: error });
  }
  const hasAnswered = error instanceof ActionError || engineStatusOf(error) !== undefined;
  const message = `the engine ${host}: ${reasonOf(error).trim()}`;
  return new ActionError(hasAnswered ? "failed" : "unreachable", message, { cause: error });
}
