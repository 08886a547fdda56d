import { setTimeout as pause } from "node:timers/promises";

/** How often and how long to ask. */
export interface Polling {
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Ends the waiting early, when Pulumi cancels the update. */
  readonly signal: AbortSignal;
}

/**
 * Asks until there is an answer.
 *
 * @returns the answer, or undefined when the time is over
 * @throws what `ask` throws, and an error when the update is cancelled
 */
export async function poll<T>(ask: () => Promise<T | undefined>, polling: Polling): Promise<T | undefined> {
  const end = Date.now() + polling.timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const leftMs = end - Date.now();
    if (leftMs <= 0) return undefined;
    await pause(Math.min(polling.everyMs, leftMs), undefined, { signal: polling.signal });
  }
}
