import { ActionError } from "./action-error.ts";
import type { Clock } from "./wait.ts";

export interface WithinOptions {
  /** What is done, as the start of a sentence. */
  readonly what: string;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for something that cannot be stopped, but not for longer than that. What comes of it afterwards is nobody's
 * any more.
 *
 * @throws ActionError `deadline` when the time is over; the signal's reason when it is aborted.
 */
export async function within<T>(options: WithinOptions, work: Promise<T>): Promise<T> {
  const { what, deadlineMs, clock, signal } = options;
  const over = new AbortController();
  const either = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  const late = clock.sleep(deadlineMs, either).then(() => {
    throw new ActionError("deadline", `${what}: not within ${deadlineMs / 1000} s`);
  });
  // Whichever loses has nobody who listens to it.
  late.catch(() => undefined);
  work.catch(() => undefined);
  try {
    signal?.throwIfAborted();
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
