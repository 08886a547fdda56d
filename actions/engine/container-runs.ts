import { ActionError, reasonOf } from "../action-error.ts";
import { engineClient } from "./engine-client.ts";
import { inspectIfThere } from "./inspect-if-there.ts";

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
    const found = await inspectIfThere(engine.getContainer(container), TIMEOUT_MS);
    return found?.State.Running ?? false;
  } catch (error) {
    throw new ActionError("unreachable", `${container} at ${host}: ${reasonOf(error)}`, { cause: error });
  }
}
