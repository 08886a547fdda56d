import { endStop, standingOf } from "../patroni/cluster-standing.ts";
import { leaderOf, synchronousCount } from "../patroni/find-cluster.ts";
import { inService, outOfService, type RecordingHandle } from "../patroni/patroni-lifecycle.ts";
import { type Narrator, Refusal } from "./verb.ts";

export interface StartOptions {
  /** For all servers to be in service. @default 600000 */
  readonly deadlineMs?: number;
}

export interface StartReport {
  readonly cluster: string;
  /** It was not stopped, and everybody is in service. */
  readonly already: boolean;
  readonly leader: string;
  readonly synchronousStandbys: number;
  /** Until everybody was in service. */
  readonly milliseconds: number;
}

/**
 * Starts a cluster that `stop` has stopped, and waits until one leads, every other one streams from it, and as many are
 * synchronous as are declared. Patroni chooses the leader: the one that led, unless it does not come back.
 *
 * @throws Refusal when the cluster is paused and was not stopped: whoever paused it has a reason.
 * @throws ActionError `unreachable` when no member answers; `deadline` with what each of them is.
 */
export async function start(
  handle: RecordingHandle,
  { deadlineMs = 600_000 }: StartOptions,
  narrator: Narrator,
): Promise<StartReport> {
  const { view, restUrl, paused, stopped } = await standingOf(handle.patroni, handle.members);
  if (paused && !stopped) {
    throw new Refusal(
      [`cluster ${handle.name} is paused, and was not stopped by \`spiloctl stop\``],
      "End the pause by `spiloctl resume`.",
    );
  }
  const began = handle.clock.now();
  const serves = leaderOf(view) !== undefined && outOfService(handle, view).size === 0;
  const already = !stopped && serves && synchronousCount(view) >= handle.synchronousStandbys;
  if (already) narrator.note(`cluster ${handle.name} is running already`);
  if (stopped) {
    await endStop(handle.patroni, restUrl);
    narrator.step("Patroni starts the servers");
  }
  const now = await inService(handle, {
    what: `cluster ${handle.name} is in service`,
    names: [...handle.members, ...handle.replicas].map(({ name }) => name),
    synchronous: handle.synchronousStandbys,
    deadlineMs,
    remedy:
      "`docker logs NAME` shows why a member is not there yet (`docker start NAME` if it does not run); then run `spiloctl start` again",
  });
  const milliseconds = handle.clock.now() - began;
  const leader = leaderOf(now)?.name ?? "";
  const synchronousStandbys = synchronousCount(now);
  if (!already)
    narrator.step(`${leader} leads, all others stream, ${synchronousStandbys} synchronous`, milliseconds);
  if (stopped) await handle.record("start", { leader, tookMs: Math.round(milliseconds) });
  return { cluster: handle.name, already, leader, synchronousStandbys, milliseconds };
}
