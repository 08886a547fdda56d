import { poll } from "./deadline.ts";
import { ask, type Engine, EngineError } from "./engine.ts";

/** How long a network or volume may still be in use before its deletion fails. */
const REMOVAL_TIMEOUT_MS = 30_000;

export interface Removal {
  /** What the engine is asked. */
  readonly path: string;
  readonly query?: Readonly<Record<string, boolean>>;
  /** Words in the engine's refusal while something uses it. */
  readonly refusal: string;
  /** What the official provider calls that state. */
  readonly state: string;
}

/**
 * Removes a network or a volume as soon as nothing uses it any more; one that is gone is removed.
 *
 * @throws after 30 seconds, in the words of the official provider
 */
export async function removeWhenFree(engine: Engine, removal: Removal): Promise<void> {
  const polling = { everyMs: 500, timeoutMs: REMOVAL_TIMEOUT_MS, signal: engine.signal };
  const removed = await poll(async () => ((await isRemoved(engine, removal)) ? true : undefined), polling);
  if (removed) return;
  const seconds = REMOVAL_TIMEOUT_MS / 1000;
  throw new Error(
    `timeout while waiting for state to become 'removed' (last state: '${removal.state}', timeout: ${seconds}s)`,
  );
}

async function isRemoved(engine: Engine, { path, query = {}, refusal }: Removal): Promise<boolean> {
  try {
    await ask(engine, { method: "DELETE", path, query });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.message.includes(refusal)) return false;
    if (error.status !== 404) throw error;
  }
  return true;
}
