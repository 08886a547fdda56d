import { ActionError, reasonOf } from "../action-error.ts";
import { type Standing, standingOf, standingPatches } from "../cluster-standing.ts";
import { leaderOf } from "../find-cluster.ts";
import type { ClusterHandle } from "../handle.ts";
import { type LifecycleHandle, pauseIsNoticed } from "../patroni-lifecycle.ts";
import { type StopOutcome, stopPostgres } from "../stop-postgres.ts";
import type { Narrator } from "./verb.ts";

/** As much of a cluster as it takes to stop it. */
export type StopHandle = LifecycleHandle & Pick<ClusterHandle, "execOn">;

export interface StopOptions {
  /** For one server to shut down. @default 300000 */
  readonly deadlineMs?: number;
}

interface StoppedMember {
  readonly member: string;
  /** `idle`: no server ran there; `absent`: its container does not run. */
  readonly outcome: StopOutcome;
  readonly milliseconds: number;
}

export interface StopReport {
  readonly cluster: string;
  /** No server ran any more. */
  readonly already: boolean;
  /** In the order in which they went. */
  readonly members: readonly StoppedMember[];
}

/**
 * Stops PostgreSQL of every member, the leader first, so that all have the same in the end. Patroni is paused and the
 * cluster marked as stopped: nothing is started before `start`, and `pulumi up` touches no member. Containers, etcd and
 * the endpoint go on.
 *
 * It is never refused. A server that does not stop is told in the end, and the others are stopped all the same.
 *
 * @throws ActionError `unreachable` when no member answers, as Patroni would start what is stopped; `deadline` or
 *   `failed` naming each server that still runs.
 */
export async function stop(
  handle: StopHandle,
  options: StopOptions,
  narrator: Narrator,
): Promise<StopReport> {
  const standing = await standingOf(handle.patroni, handle.members);
  await markAsStopped(handle, standing, narrator);
  const failures: ActionError[] = [];
  const members: StoppedMember[] = [];
  for (const name of leaderFirst(handle, standing)) {
    handle.signal?.throwIfAborted();
    try {
      members.push(await stopOne(handle, name, options, narrator));
    } catch (error) {
      handle.signal?.throwIfAborted();
      if (!(error instanceof ActionError)) throw error;
      narrator.warn(error.message);
      failures.push(error);
    }
  }
  if (failures.length > 0) throw stillRunning(failures);
  const already = standing.stopped && members.every(({ outcome }) => outcome !== "stopped");
  if (already) narrator.note(`cluster ${handle.name} is stopped already`);
  else narrator.note("containers, etcd and the endpoint go on; `spiloctl start` starts the servers again");
  return { cluster: handle.name, already, members };
}

/** Before the first server ends, every Patroni has to know that it may not start one. */
async function markAsStopped(handle: StopHandle, standing: Standing, narrator: Narrator): Promise<void> {
  const { restUrl, paused, stopped } = standing;
  const began = handle.clock.now();
  if (!paused || !stopped) await handle.patroni.patchConfig(restUrl, standingPatches.stop);
  try {
    const silent = await pauseIsNoticed(handle, true);
    for (const name of silent)
      narrator.warn(`${name} does not answer: its Patroni may not know of the pause`);
    if (!paused) narrator.step("Patroni is paused, on every member that answers", handle.clock.now() - began);
  } catch (error) {
    // One that is cut off from etcd never hears of it, and must not keep the others from being stopped.
    if (!(error instanceof ActionError) || error.code !== "deadline") throw error;
    narrator.warn(`${error.message}; its server may be started again`);
  }
}

/**
 * The leader first: it ends when every standby that streams has all of its WAL. The other way round, it would go on
 * alone for a while, and could acknowledge commits that no other server has.
 */
function leaderFirst({ members }: StopHandle, { view }: Standing): readonly string[] {
  const leader = leaderOf(view)?.name;
  const names = members.map(({ name }) => name);
  return [...names.filter((name) => name === leader), ...names.filter((name) => name !== leader)];
}

async function stopOne(
  { execOn, clock, signal }: StopHandle,
  member: string,
  { deadlineMs = 300_000 }: StopOptions,
  narrator: Narrator,
): Promise<StoppedMember> {
  const began = clock.now();
  const outcome = await stopPostgres({ exec: execOn(member), member, deadlineMs, signal });
  const milliseconds = clock.now() - began;
  if (outcome === "stopped") narrator.step(`${member} stopped`, milliseconds);
  if (outcome === "idle") narrator.note(`${member}: no server runs there`);
  if (outcome === "absent") narrator.warn(`${member}: its container does not run`);
  return { member, outcome, milliseconds };
}

function stillRunning(failures: readonly ActionError[]): ActionError {
  const late = failures.every(({ code }) => code === "deadline");
  const reasons = failures.map(reasonOf).join("; ");
  const now =
    "Patroni is paused, and the other servers are stopped: run `spiloctl stop` again, or `spiloctl start`";
  return new ActionError(late ? "deadline" : "failed", `${reasons}. ${now}`, { cause: failures[0] });
}
