import { ActionError, reasonOf } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
import {
  isOn,
  type Standing,
  standingOf,
  stopMark,
  stopPatch,
  stoppedPatch,
  waitsForStandbys,
} from "../patroni/cluster-standing.ts";
import { leaderOf } from "../patroni/find-cluster.ts";
import type { Document } from "../patroni/patroni-client.ts";
import { pauseIsNoticed, type RecordingHandle } from "../patroni/patroni-lifecycle.ts";
import { type StopOutcome, stopPostgres } from "../patroni/stop-postgres.ts";
import { wakeLeader } from "../patroni/wake-leader.ts";
import type { Narrator } from "./verb.ts";

/** As much of a cluster as it takes to stop it. */
export type StopHandle = RecordingHandle & Pick<ClusterHandle, "execOn">;

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
 * Stops PostgreSQL of every member, standbys first, the leader last. Patroni is paused and the cluster marked as stopped:
 * nothing is started before `start`, and `pulumi up` touches no member. Containers, etcd and the endpoint go on.
 *
 * Where commits wait for a standby, they do so to the end, whatever the declared durability: what the leader writes after
 * the last standby has gone is acknowledged to nobody. Where they wait for none, the leader goes first: its shutdown ends
 * when the standbys have all of its WAL, so that none of them can lead later without a commit that was acknowledged.
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
  const config = await markAsStopped(handle, standing, narrator);
  const failures: ActionError[] = [];
  const members: StoppedMember[] = [];
  for (const name of inOrder(handle, standing)) {
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
  await takeBack(handle, { ...standing, config }, narrator);
  const already = standing.stopped && members.every(({ outcome }) => outcome !== "stopped");
  if (already) narrator.note(`cluster ${handle.name} is stopped already`);
  else narrator.note("containers, etcd and the endpoint go on; `spiloctl start` starts the servers again");
  return { cluster: handle.name, already, members };
}

/**
 * Before the first server ends, every Patroni has to know that it may not start one, and the leader's that no commit may
 * return without a standby. This also notes the stop, as long as somebody can.
 *
 * @returns `/config` as it is then.
 */
async function markAsStopped(handle: StopHandle, standing: Standing, narrator: Narrator): Promise<Document> {
  const { restUrl, view, paused, stopped } = standing;
  const leader = leaderOf(view)?.name;
  const began = handle.clock.now();
  const marked = await handle.patroni.patchConfig(restUrl, stopMark);
  const rests = isOn(marked["pause"]) && leader === undefined;
  const config = rests ? marked : await handle.patroni.patchConfig(restUrl, stopPatch(marked));
  // Of a cluster that was paused before, nobody says when the rest of it is known: it takes the leader one look.
  if (!rests) await wakeLeader(handle.patroni, handle.members);
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
  if (!stopped && leader !== undefined) await handle.record("stop", { leader });
  return config;
}

function inOrder({ members, replicas }: StopHandle, { view, config }: Standing): readonly string[] {
  const name = leaderOf(view)?.name;
  const leader = members.filter((member) => member.name === name);
  const standbys = members.filter((member) => member.name !== name);
  const ordered = waitsForStandbys(config) ? [...standbys, ...leader] : [...leader, ...standbys];
  // Those that nobody waits for first.
  return [...replicas, ...ordered].map((member) => member.name);
}

/** No server runs: settings can be again what they were declared to be. Else `start` does it. */
async function takeBack(
  { patroni }: StopHandle,
  { restUrl, config }: Standing,
  narrator: Narrator,
): Promise<void> {
  const patch = stoppedPatch(config);
  if (patch === undefined) return;
  try {
    await patroni.patchConfig(restUrl, patch);
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    narrator.warn(`${reasonOf(error)}: \`spiloctl start\` sets synchronous_mode_strict back`);
  }
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
