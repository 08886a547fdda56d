import { engineClient, engineStatusOf } from "./engine-client.ts";
import { inspectIfThere } from "./inspect-if-there.ts";

const MIB = 1024 * 1024;
/** How long the engine may take. */
const TIMEOUT_MS = 5_000;

/**
 * How much memory a container may take.
 *
 * @param host the engine's address as the docker provider takes it.
 * @returns MiB; undefined when there is no such container, or the engine does not answer.
 */
export async function memoryLimitOf(host: string, container: string): Promise<number | undefined> {
  const engine = await engineClient(host);
  try {
    const found = await inspectIfThere(engine.getContainer(container), TIMEOUT_MS);
    return found === undefined ? undefined : (found.HostConfig.Memory ?? 0) / MIB;
  } catch (error) {
    if (engineStatusOf(error) === undefined) return undefined;
    throw error;
  }
}
