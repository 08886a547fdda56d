import { ActionError, reasonOf } from "../action-error.ts";
import { engineClient } from "./engine-client.ts";

export interface LimitedContainer {
  readonly name: string;
  readonly id: string;
  /** How many processes and threads it may have at once. */
  readonly processes: number;
}

/** How long the engine may take for one container. */
const TIMEOUT_MS = 30_000;

/**
 * Limits how many processes containers may have, while they run. The limit stays when a container is started again.
 *
 * @param host the engine's address as the docker provider takes it.
 * @throws ActionError `failed` with the container and the engine's reason.
 */
export async function limitProcesses(
  host: string,
  containers: readonly LimitedContainer[],
  signal?: AbortSignal,
): Promise<void> {
  const engine = await engineClient(host);
  for (const { name, id, processes } of containers) {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const abortSignal = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    try {
      await engine.getContainer(id).update({ PidsLimit: processes, abortSignal });
    } catch (error) {
      signal?.throwIfAborted();
      const reason = timeout.aborted ? `not done within ${TIMEOUT_MS / 1000} s` : reasonOf(error);
      const what = `${name}: a limit of ${processes} processes`;
      const remedy = "`pulumi up --refresh` finds a container that has gone";
      throw new ActionError("failed", `${what}: ${reason}. ${remedy}`, { cause: error });
    }
  }
}
