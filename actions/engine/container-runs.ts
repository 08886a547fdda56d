import { ActionError, reasonOf } from "../action-error.ts";
import { engineClient, engineStatusOf } from "./engine-client.ts";

/** How long the engine may take to answer. */
const TIMEOUT_MS = 10_000;

/**
 * Does a container run? One that is not there does not.
 *
 * @param host the engine's address as the docker provider takes it.
 * @throws ActionError `unreachable` when the engine does not say.
 */
export async function containerRuns(host: string, container: string): Promise<boolean> {
  const engine = await engineClient(host);
  try {
    const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
    return (await engine.getContainer(container).inspect({ abortSignal })).State.Running;
  } catch (error) {
    if (engineStatusOf(error) === 404) return false;
    throw new ActionError("unreachable", `${container} at ${host}: ${reasonOf(error)}`, { cause: error });
  }
}
