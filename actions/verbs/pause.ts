import { standingOf, standingPatches } from "../patroni/cluster-standing.ts";
import type { RecordingHandle } from "../patroni/patroni-lifecycle.ts";
import { type PauseReport, tellWhenNoticed } from "./pause-noticed.ts";
import type { Narrator } from "./verb.ts";

/**
 * Has Patroni leave every PostgreSQL alone, until `resume`: for work on a server that Patroni would take for a fault.
 * Returns when every member that answers has noticed.
 *
 * @throws ActionError `unreachable` when no member answers, `deadline` when one does not notice.
 */
export async function pause(handle: RecordingHandle, narrator: Narrator): Promise<PauseReport> {
  const { paused, restUrl } = await standingOf(handle.patroni, handle.members);
  if (paused) narrator.note(`cluster ${handle.name} is paused already`);
  else await handle.patroni.patchConfig(restUrl, standingPatches.pause);
  const silent = await tellWhenNoticed(handle, true, narrator);
  if (!paused) await handle.record("pause", {});
  narrator.warn(
    "while paused, nobody takes over when the leader is lost, and a server that ends is not started again: " +
      "`spiloctl resume` ends it",
  );
  return { cluster: handle.name, paused: true, already: paused, silent };
}
