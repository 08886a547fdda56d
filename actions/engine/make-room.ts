import { ActionError } from "../action-error.ts";
import { engineClient } from "./engine-client.ts";
import { inspectIfThere } from "./inspect-if-there.ts";
import { removeContainer } from "./remove-container.ts";

export interface MakeRoomOptions {
  /** The engine's address as the docker provider takes it. */
  readonly engine: string;
  /** Of the container that is to be made. */
  readonly name: string;
  /** The labels that the new one will have: only a container with the same is removed. */
  readonly labels: Readonly<Record<string, string>>;
  /** Gets the one that is in the way ready to be taken away; throws when it may not be. */
  readonly leave?: (() => Promise<void>) | undefined;
  readonly report: (line: string) => void;
}

/** How long the engine may take to say what there is. */
const TIMEOUT_MS = 10_000;

/** In which PostgreSQL writes its checkpoint and hands over. */
const GRACE_SECONDS = 60;

/**
 * Removes a container that has the name of one that is about to be made. An update that was killed may have left it: it
 * was made, and no state knows of it. Its volumes stay, and the new one takes them over.
 *
 * @throws ActionError `refused` when it is not one of this cluster; what `leave` throws. It is untouched then.
 */
export async function makeRoom({ engine, name, labels, leave, report }: MakeRoomOptions): Promise<void> {
  const container = (await engineClient(engine)).getContainer(name);
  const found = await inspectIfThere(container, TIMEOUT_MS);
  if (found === undefined) return;
  const differs = Object.entries(labels).find(([label, value]) => found.Config.Labels[label] !== value);
  if (differs !== undefined) {
    const why = `there is a container ${name} already, and its label ${differs[0]} is not ${differs[1]}`;
    const remedy = `look whose it is (docker inspect ${name}), then rename or remove it, or give the cluster another name`;
    throw new ActionError("refused", `${why}; it was not touched. Remedy: ${remedy}`);
  }
  report(`${name} was left over by an update that was killed: it is removed, and its volumes are kept`);
  if (found.State.Running) await leave?.();
  await removeContainer(container, GRACE_SECONDS);
}
