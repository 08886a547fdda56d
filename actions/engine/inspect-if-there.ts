import type Docker from "dockerode";
import { unlessStatus } from "./unless-status.ts";

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
  return await unlessStatus(404, container.inspect({ abortSignal: AbortSignal.timeout(timeoutMs) }));
}
