import { ActionError, reasonOf } from "../action-error.ts";
import { engineClient, engineStatusOf } from "./engine-client.ts";

/** How long a container may take to end before it is killed. */
const STOP_SECONDS = 10;

/** For the engine to stop and start it. */
const TIMEOUT_MS = 30_000;

/**
 * Restarts a container as it is. One call, so that nothing stays stopped when whoever asks is killed.
 *
 * @param host the engine's address as the docker provider takes it.
 * @throws ActionError `unreachable` when the engine does not answer, `failed` with its reason.
 */
export async function restartContainer(host: string, container: string): Promise<void> {
  const engine = await engineClient(host);
  try {
    const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
    await engine.getContainer(container).restart({ t: STOP_SECONDS, abortSignal });
  } catch (error) {
    const code = engineStatusOf(error) === undefined ? "unreachable" : "failed";
    throw new ActionError(code, `${container} at ${host}: restart: ${reasonOf(error)}`, { cause: error });
  }
}
