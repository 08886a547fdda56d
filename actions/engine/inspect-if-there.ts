import type Docker from "dockerode";
import { engineStatusOf } from "./engine-client.ts";

/**
 * What an engine says of a container; undefined when it has none of that name.
 *
 * @param timeoutMs how long it may take to answer.
 * @throws what the library does for any other answer, and for none.
 */
export async function inspectIfThere(
  container: Docker.Container,
  timeoutMs: number,
): Promise<Docker.ContainerInspectInfo | undefined> {
  try {
    return await container.inspect({ abortSignal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    if (engineStatusOf(error) === 404) return undefined;
    throw error;
  }
}
