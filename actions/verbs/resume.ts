import { endStop, standingOf, standingPatches } from "../patroni/cluster-standing.ts";
import type { RecordingHandle } from "../patroni/patroni-lifecycle.ts";
import { type PauseReport, tellWhenNoticed } from "./pause-noticed.ts";
import type { Narrator } from "./verb.ts";

/**
 * Ends a pause. It is never refused; a cluster that was stopped is started by it.
 *
 * @throws ActionError `unreachable` when no member answers, `deadline` when one does not notice.
 */
export async function resume(handle: RecordingHandle, narrator: Narrator): Promise<PauseReport> {
  const { paused, stopped, restUrl } = await standingOf(handle.patroni, handle.members);
  if (stopped) {
    narrator.warn("the cluster was stopped: this starts it, and `spiloctl start` waits until it serves");
  }
  const already = !paused && !stopped;
  if (already) narrator.note(`cluster ${handle.name} is not paused`);
  else if (stopped) await endStop(handle.patroni, restUrl);
  else await handle.patroni.patchConfig(restUrl, standingPatches.resume);
  const silent = await tellWhenNoticed(handle, false, narrator);
  if (!already) await handle.record("resume", {});
  return { cluster: handle.name, paused: false, already, silent };
}
