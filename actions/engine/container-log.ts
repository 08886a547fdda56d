import { ActionError, reasonOf } from "../action-error.ts";
import { engineClient } from "./engine-client.ts";

/** How long the engine may take to answer. */
const TIMEOUT_MS = 10_000;

/** The last lines that a container has written, both its streams. */
export type ContainerLog = (engine: string, container: string, lines: number) => Promise<string>;

/** @throws ActionError `unreachable` when the engine does not answer, or has no such container. */
export const containerLog: ContainerLog = async (engine, container, lines) => {
  try {
    const client = await engineClient(engine);
    const frames = await client.getContainer(container).logs({
      stdout: true,
      stderr: true,
      follow: false,
      tail: lines,
      abortSignal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return textOf(frames);
  } catch (error) {
    throw new ActionError("unreachable", `the log of ${container}: ${reasonOf(error)}`, { cause: error });
  }
};

/** Each piece has a head of eight bytes: its stream, and in the last four its length. */
export function textOf(frames: Buffer): string {
  const texts: string[] = [];
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    texts.push(frames.toString("utf8", at + 8, end));
    at = end;
  }
  return texts.join("");
}
