import { setTimeout as sleepFor } from "node:timers/promises";
import { ActionError, isPassing } from "./action-error.ts";

/** Time as actions see it; tests hand in one that does not wait. */
export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    try {
      await sleepFor(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // The reason of whoever interrupted says more than that something was.
      signal?.throwIfAborted();
      throw error;
    }
  },
};

/** What one look found: the awaited thing, or the reason why it is not there yet. */
export type Look<T> = { readonly found: T } | { readonly pending: string };

export interface WaitOptions {
  /** What is awaited, as the start of a sentence: `dev-2 streams again`. */
  readonly what: string;
  readonly deadlineMs: number;
  /** Pause between two looks, milliseconds. @default 500 */
  readonly everyMs?: number;
  /** What to do when it does not come; ends the message of the error. */
  readonly remedy?: string;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks again and again until the thing is there. A look that throws because nobody answers or nobody leads counts
 * as "not yet"; any other error ends the wait at once.
 *
 * @throws ActionError `deadline` with the last reason.
 */
export async function waitFor<T>(options: WaitOptions, look: () => Promise<Look<T>>): Promise<T> {
  const clock = options.clock ?? systemClock;
  const end = clock.now() + options.deadlineMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const seen = await look().catch(pendingIfPassing);
    if ("found" in seen) return seen.found;
    const left = end - clock.now();
    if (left <= 0) throw new ActionError("deadline", deadlineMessage(options, seen.pending));
    await clock.sleep(Math.min(options.everyMs ?? 500, left), options.signal);
  }
}

function pendingIfPassing(error: unknown): { readonly pending: string } {
  if (isPassing(error)) return { pending: error.message };
  throw error;
}

function deadlineMessage({ what, deadlineMs, remedy }: WaitOptions, pending: string): string {
  const message = `${what}: not within ${Math.round(deadlineMs / 1000)} s: ${pending}`;
  return remedy === undefined ? message : `${message}. ${remedy}`;
}
