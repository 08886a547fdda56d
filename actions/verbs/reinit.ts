import { ActionError } from "../action-error.ts";
import { type ContainerLog, containerLog } from "../engine/container-log.ts";
import { isOn } from "../patroni/cluster-standing.ts";
import {
  haMembersOf,
  isInService,
  isLeader,
  isReplica,
  restUrlOf,
  synchronousCount,
} from "../patroni/find-cluster.ts";
import type { ClusterMember } from "../patroni/patroni-client.ts";
import {
  allMembers,
  inService,
  type Led,
  type LifecycleHandle,
  leaderOrExplain,
  type RecordingHandle,
} from "../patroni/patroni-lifecycle.ts";
import type { Clock } from "../wait.ts";
import { type Narrator, Refusal } from "./verb.ts";

export interface ReinitOptions {
  readonly member: string;
  /** Also when no other standby is in service, so that no commit waits for one meanwhile. @default false */
  readonly force?: boolean;
  /** For the copy and for the member to stream again. @default 3600000 */
  readonly deadlineMs?: number;
  /** @default the engine's */
  readonly readLog?: ContainerLog;
}

export interface ReinitReport {
  readonly cluster: string;
  readonly member: string;
  /** What Patroni's log says: such as `basebackup`, from `leader dev-1`; absent when it does not tell. */
  readonly copied?: { readonly method: string; readonly from?: string };
  /** Until it streamed again. */
  readonly milliseconds: number;
  /** For how long fewer standbys were synchronous than are declared, as far as it was seen. */
  readonly withoutSynchronousMs: number;
}

/**
 * Throws the data of a standby away and has Patroni copy it anew, then waits until it streams. For a standby that does
 * not come back by itself. It takes no part in synchronous commit meanwhile.
 *
 * @throws Refusal for the leader, for a name that is no member's, and for the last standby in service: without `force`,
 *   and always where commits have to wait for one.
 * @throws ActionError `no-leader`; `failed` when Patroni does not take it; `deadline` with what the member is.
 */
export async function reinit(
  handle: RecordingHandle,
  options: ReinitOptions,
  narrator: Narrator,
): Promise<ReinitReport> {
  const { member: name, deadlineMs = 3_600_000 } = options;
  const led = await leaderOrExplain(handle);
  const member = standbyNamed(handle, led, name);
  weighTheLast(led, member, options, narrator);
  if (led.paused) narrator.warn("Patroni is paused: a copy that fails is not tried again");
  const restUrl = restUrlOf(member, handle.members);
  const { postmaster_start_time: earlier } = await handle.patroni.member(restUrl);
  const began = handle.clock.now();
  await handle.patroni.reinitialize(restUrl);
  narrator.step(`${name} copies its data anew, ${led.leader.name} leads`);
  const standbys = otherStandbys(led, name).length + (isReplica(member) ? 0 : 1);
  const synchronous = Math.min(handle.synchronousStandbys, standbys);
  const without = stopwatch(handle.clock);
  await inService(handle, {
    what: `${name} streams again`,
    names: [name],
    synchronous,
    deadlineMs,
    remedy: `The copy goes on: \`docker logs ${name}\` says how far it is, \`spiloctl status\` when it is done`,
    seen: (view) => without.look(synchronousCount(view) < synchronous),
    // Right after it was asked, the old server still streams.
    besides: async () => {
      const { postmaster_start_time: started } = await handle.patroni.member(restUrl);
      const isNew = typeof started === "string" && started !== earlier;
      return isNew ? undefined : `${name} has not started anew`;
    },
  });
  const milliseconds = handle.clock.now() - began;
  const copied = await copiedHow(handle, name, options.readLog ?? containerLog);
  narrator.step(`${name} streams again${describe(copied)}`, milliseconds);
  const how = copied === undefined ? {} : { copied: copied.method };
  await handle.record("reinit", { member: name, ...how, tookMs: Math.round(milliseconds) });
  const report = { cluster: handle.name, member: name, milliseconds, withoutSynchronousMs: without.total() };
  return copied === undefined ? report : { ...report, copied };
}

function standbyNamed(handle: LifecycleHandle, { view, leader }: Led, name: string): ClusterMember {
  const known = allMembers(handle, view);
  if (!known.includes(name)) {
    throw new Refusal([`${name} is no member of this cluster`], `Its members are ${known.join(", ")}.`);
  }
  if (name === leader.name) {
    throw new Refusal(
      [`${name} leads: its data is what the others are copied from`],
      "Hand the leadership over first: `spiloctl switchover`.",
    );
  }
  const member = view.members.find((one) => one.name === name);
  if (member !== undefined) return member;
  throw new Refusal(
    [`the Patroni of ${name} does not run, so nobody can copy anything there`],
    `Start it first: \`docker start ${name}\`; \`docker logs ${name}\` says why it ended.`,
  );
}

/** One that is out of service has nothing to lose. Another one is missed while it is copied. */
function weighTheLast(
  led: Led,
  member: ClusterMember,
  { force = false }: ReinitOptions,
  narrator: Narrator,
): void {
  const { name } = member;
  if (isReplica(member) || !isInService(member) || otherStandbys(led, name).length > 0) return;
  const only = `${name} is the only standby in service`;
  if (isOn(led.config["synchronous_mode_strict"])) {
    throw new Refusal(
      [`${only}, and no commit returns without one (synchronous.durability is required)`],
      "Set synchronous.durability to preferred for as long as it takes, or add a member first.",
    );
  }
  const meanwhile = "until it is copied, no commit waits for a standby and nobody can take over";
  if (!force) throw new Refusal([only, meanwhile], "To do it all the same: --force.");
  narrator.warn(`${only}: ${meanwhile}`);
}

function otherStandbys({ view }: Led, name: string): readonly ClusterMember[] {
  return haMembersOf(view).filter((one) => one.name !== name && !isLeader(one) && isInService(one));
}

/** Adds up for how long something was seen to be so. */
function stopwatch(clock: Clock) {
  let since: number | undefined;
  let total = 0;
  return {
    look: (isSo: boolean) => {
      const now = clock.now();
      if (since !== undefined) total += now - since;
      since = isSo ? now : undefined;
    },
    total: () => total,
  };
}

/** What Patroni writes at the end of a copy; nothing when the log cannot be read, as the copy is there all the same. */
async function copiedHow(
  { members, replicas }: LifecycleHandle,
  name: string,
  readLog: ContainerLog,
): Promise<ReinitReport["copied"]> {
  const member = [...members, ...replicas].find((one) => one.name === name);
  if (member === undefined) return undefined;
  try {
    return copyIn(await readLog(member.engine, name, LOG_LINES));
  } catch (error) {
    if (error instanceof ActionError) return undefined;
    throw error;
  }
}

/** The end of a copy is not long ago when it is looked for. */
const LOG_LINES = 200;

function copyIn(log: string): ReinitReport["copied"] {
  const method = [...log.matchAll(/replica has been created using (\S+)/g)].at(-1)?.[1];
  const from = [...log.matchAll(/bootstrapped from (leader|replica) '([^']+)'/g)].at(-1);
  if (method === undefined) return undefined;
  return { method, ...(from === undefined ? {} : { from: `${from[1]} ${from[2]}` }) };
}

function describe(copied: ReinitReport["copied"]): string {
  if (copied === undefined) return "";
  return `, copied by ${copied.method}${copied.from === undefined ? "" : ` from the ${copied.from}`}`;
}
