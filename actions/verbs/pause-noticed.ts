import { type LifecycleHandle, pauseIsNoticed } from "../patroni/patroni-lifecycle.ts";
import type { Narrator } from "./verb.ts";

/** What came of a pause, or of its end. */
export interface PauseReport {
  readonly cluster: string;
  readonly paused: boolean;
  /** It was so before. */
  readonly already: boolean;
  /** Members that do not answer, and so have not noticed yet. */
  readonly silent: readonly string[];
}

/** Waits until every member that answers knows of it, and tells who does not answer. */
export async function tellWhenNoticed(
  handle: LifecycleHandle,
  paused: boolean,
  narrator: Narrator,
): Promise<readonly string[]> {
  const began = handle.clock.now();
  const silent = await pauseIsNoticed(handle, paused);
  const who = silent.length === 0 ? "every member" : "every member that answers";
  const what = paused ? "leaves its PostgreSQL alone" : "is in charge of its PostgreSQL";
  narrator.step(`Patroni of ${who} ${what}`, handle.clock.now() - began);
  for (const name of silent) narrator.warn(`${name} does not answer: it notices when it is back`);
  return silent;
}
