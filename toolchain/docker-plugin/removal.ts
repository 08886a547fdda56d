import { poll } from "./deadline.ts";
import type { Engine } from "./engine.ts";

/** How long a network or volume may still be in use before its deletion fails. */
const REMOVAL_TIMEOUT_MS = 30_000;

/**
 * Tries to remove something until nothing uses it any more.
 *
 * @param attempt answers whether it is removed
 * @param state what the official provider calls the state of being in use
 * @throws after 30 seconds, in the words of the official provider
 */
export async function removeWhenFree(
  engine: Engine,
  state: string,
  attempt: () => Promise<boolean>,
): Promise<void> {
  const polling = { everyMs: 500, timeoutMs: REMOVAL_TIMEOUT_MS, signal: engine.signal };
  const removed = await poll(async () => ((await attempt()) ? true : undefined), polling);
  if (removed) return;
  const seconds = REMOVAL_TIMEOUT_MS / 1000;
  throw new Error(
    `timeout while waiting for state to become 'removed' (last state: '${state}', timeout: ${seconds}s)`,
  );
}
