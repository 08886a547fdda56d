import type Docker from "dockerode";
import { engineStatusOf } from "./engine-client.ts";

/**
 * Stops a container and removes it, whether it is still there or not.
 *
 * @param graceSeconds how long it may take to end by itself.
 */
export async function removeContainer(container: Docker.Container, graceSeconds: number): Promise<void> {
  await container.stop({ t: graceSeconds }).catch(unlessGone);
  await container.remove({ force: true }).catch(unlessGone);
}

/** 304: stopped already; 404: removed already. */
export function unlessGone(error: unknown): void {
  const status = engineStatusOf(error);
  if (status !== 304 && status !== 404) throw error;
}
