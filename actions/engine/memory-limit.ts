import { engineClient, engineStatusOf } from "./engine-client.ts";

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
    const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
    const { HostConfig } = await engine.getContainer(container).inspect({ abortSignal });
    return (HostConfig.Memory ?? 0) / MIB;
  } catch (error) {
    if (engineStatusOf(error) === 404 || engineStatusOf(error) === undefined) return undefined;
    throw error;
  }
}
