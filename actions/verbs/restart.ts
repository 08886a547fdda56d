import { ActionError, reasonOf } from "../action-error.ts";
import {
  describeMembers,
  isInService,
  isLeader,
  leaderOf,
  restUrlOf,
  synchronousCount,
} from "../patroni/find-cluster.ts";
import type { ClusterMember, ClusterView } from "../patroni/patroni-client.ts";
import {
  allMembers,
  inService,
  type LifecycleHandle,
  leaderOrExplain,
  outOfService,
  type RecordingHandle,
  restartThroughPatroni,
} from "../patroni/patroni-lifecycle.ts";
import type { ProbeResult, WriteProbe } from "../probe/write-probe.ts";
import { type Measured, measuringOutage } from "./measured-outage.ts";
import { type Narrator, Refusal } from "./verb.ts";

export interface RestartVerbOptions {
  /** @default all of them */
  readonly members?: readonly string[];
  /** Only those for which a changed parameter waits. @default false */
  readonly pending?: boolean;
  /** Also when a member that is not to be restarted is out of service. @default false */
  readonly force?: boolean;
  /** For one member to be back in service after its restart. @default 120000 */
  readonly deadlineMs?: number;
  /** Writes while the leader restarts, to see for how long nobody can. @default the outage is not measured */
  readonly startProbe?: () => WriteProbe;
}

/** One member that has restarted. */
interface RestartedMember {
  readonly member: string;
  readonly role: "leader" | "standby";
  /** Until it was in service again. */
  readonly milliseconds: number;
}

export interface RestartReport {
  readonly cluster: string;
  /** Nothing waited for a restart. */
  readonly already: boolean;
  /** In the order in which they went. */
  readonly restarted: readonly RestartedMember[];
  /** Who leads in the end. */
  readonly leader: string;
  /** What an application saw of the leader's restart; absent when that was not looked at. */
  readonly outage?: ProbeResult;
}

/**
 * Restarts PostgreSQL of some members or all, one after the other through Patroni: standbys first, the leader last.
 * Each is awaited until it is in service again and as many standbys are synchronous as before. The containers go on.
 * Restarting the leader is an outage of a few seconds; nobody else takes over for it.
 *
 * @throws Refusal for a name that is no member's, and when another member is out of service: with two missing, nobody
 *   may be left that has each commit.
 * @throws ActionError `no-leader`; `failed` or `deadline` with what has restarted by then.
 */
export async function restart(
  handle: RecordingHandle,
  options: RestartVerbOptions,
  narrator: Narrator,
): Promise<RestartReport> {
  const { view, leader } = await leaderOrExplain(handle);
  refuseUnknown(handle, view, options.members ?? []);
  const targets = await targetsOf(handle, view, options);
  const report = { cluster: handle.name, leader: leader.name };
  if (targets.length === 0) {
    narrator.note("no member waits for a restart");
    return { ...report, already: true, restarted: [] };
  }
  refuseHalfACluster(handle, view, targets, options, narrator);
  const done = await restartEach(handle, { targets, leader: leader.name }, options, narrator);
  const now = await leaderOrExplain(handle);
  if (now.leader.name !== leader.name)
    narrator.warn(`${now.leader.name} leads now, in place of ${leader.name}`);
  return { cluster: handle.name, already: false, leader: now.leader.name, ...done };
}

/** Notes who has restarted, also when it ends halfway. */
async function restartEach(
  handle: RecordingHandle,
  { targets, leader }: { readonly targets: readonly string[]; readonly leader: string },
  options: RestartVerbOptions,
  narrator: Narrator,
): Promise<Pick<RestartReport, "restarted" | "outage">> {
  const restarted: RestartedMember[] = [];
  let outage: ProbeResult | undefined;
  try {
    for (const target of targets) {
      const probe = target === leader ? options.startProbe?.() : undefined;
      const work = () => restartOne(handle, target, restarted, options);
      const { signal } = handle;
      const done: Measured<RestartedMember> =
        probe === undefined
          ? { result: await work() }
          : await measuringOutage(probe, { narrator, signal }, work);
      outage = done.outage;
      restarted.push(done.result);
      tell(done.result, narrator);
    }
  } finally {
    await recordRestart(handle, leader, restarted, outage);
  }
  return { restarted, ...(outage === undefined ? {} : { outage }) };
}

function tell({ member, role, milliseconds }: RestartedMember, narrator: Narrator): void {
  narrator.step(`${member} restarted, ${role === "leader" ? "leads" : "streams"} again`, milliseconds);
}

async function recordRestart(
  { record }: RecordingHandle,
  leader: string,
  restarted: readonly RestartedMember[],
  outage: ProbeResult | undefined,
): Promise<void> {
  if (restarted.length === 0) return;
  const outageMs = outage === undefined ? {} : { outageMs: Math.round(outage.longestGapMs) };
  const lost = outage?.missing === undefined ? {} : { lost: outage.missing.length };
  const members = restarted.map(({ member }) => member);
  const lengths = { ...longest("standby", restarted), ...longest("leader", restarted) };
  await record("restart", { leader, members, ...lengths, ...outageMs, ...lost });
}

/** What the next one is expected to take: `maintain` goes by it. */
function longest(
  role: RestartedMember["role"],
  restarted: readonly RestartedMember[],
): Readonly<Record<string, number>> {
  const lengths = restarted.filter((one) => one.role === role).map(({ milliseconds }) => milliseconds);
  return lengths.length === 0 ? {} : { [`${role}Ms`]: Math.round(Math.max(...lengths)) };
}

function refuseUnknown(handle: LifecycleHandle, view: ClusterView, names: readonly string[]): void {
  const known = allMembers(handle, view);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Refusal(
    unknown.map((name) => `${name} is no member of this cluster`),
    `Its members are ${known.join(", ")}.`,
  );
}

/** Standbys in the order of their numbers, the leader last. */
async function targetsOf(
  handle: LifecycleHandle,
  view: ClusterView,
  { members, pending = false }: RestartVerbOptions,
): Promise<readonly string[]> {
  const chosen = allMembers(handle, view).filter((name) => members?.includes(name) ?? true);
  const leader = leaderOf(view)?.name;
  const ordered = [...chosen.filter((name) => name !== leader), ...chosen.filter((name) => name === leader)];
  if (!pending) return ordered;
  const waits = await Promise.all(ordered.map((name) => waitsForRestart(handle, view, name)));
  return ordered.filter((_name, index) => waits[index]);
}

/** One that is down takes everything when it starts. */
async function waitsForRestart(
  { patroni, members }: LifecycleHandle,
  view: ClusterView,
  name: string,
): Promise<boolean> {
  const member = view.members.find((one) => one.name === name);
  if (member === undefined || !isInService(member)) return false;
  return (await patroni.member(restUrlOf(member, members))).pending_restart ?? false;
}

function refuseHalfACluster(
  handle: LifecycleHandle,
  view: ClusterView,
  targets: readonly string[],
  { force = false }: RestartVerbOptions,
  narrator: Narrator,
): void {
  const missing = outOfService(handle, view);
  // Whoever is down may be restarted: it is missing already.
  const others = [...missing].filter(([name]) => targets.some((target) => target !== name));
  if (others.length === 0) return;
  const reasons = others.map(([, reason]) => reason);
  if (force) {
    narrator.warn(`${reasons.join("; ")}: restarting others all the same`);
    return;
  }
  const [first = ""] = others.map(([name]) => name);
  throw new Refusal(
    [...reasons, "with another one down, too few might be left that have each commit"],
    `Bring it back first (\`docker logs ${first}\` says more), or restart all the same with --force.`,
  );
}

async function restartOne(
  handle: LifecycleHandle,
  name: string,
  restarted: readonly RestartedMember[],
  { deadlineMs = 120_000 }: RestartVerbOptions,
): Promise<RestartedMember> {
  const { patroni, members, clock } = handle;
  handle.signal?.throwIfAborted();
  const { view } = await leaderOrExplain(handle);
  const member = memberIn(view, name);
  const began = clock.now();
  const before = synchronousCount(view);
  try {
    const isSynchronous = !isLeader(member) && before > 0;
    await restartThroughPatroni({
      patroni,
      restUrl: restUrlOf(member, members),
      members,
      isSynchronous,
      clock,
    });
    await inService(handle, {
      what: `${name} is in service again`,
      names: [...new Set([name, ...view.members.filter(isInService).map((one) => one.name)])],
      synchronous: before,
      deadlineMs,
      remedy: `\`docker logs ${name}\` says more`,
    });
  } catch (error) {
    handle.signal?.throwIfAborted();
    throw stoppedAt(name, restarted, error);
  }
  return { member: name, role: isLeader(member) ? "leader" : "standby", milliseconds: clock.now() - began };
}

function memberIn(view: ClusterView, name: string): ClusterMember {
  const member = view.members.find((one) => one.name === name);
  if (member !== undefined) return member;
  throw new ActionError(
    "failed",
    `${name}: cannot be restarted, its Patroni is gone (${describeMembers(view)}): \`docker start ${name}\``,
  );
}

function stoppedAt(name: string, restarted: readonly RestartedMember[], error: unknown): ActionError {
  const code = error instanceof ActionError ? error.code : "failed";
  const done = restarted.map(({ member }) => member).join(", ");
  const so = done === "" ? "No other member was restarted" : `Restarted before it: ${done}`;
  return new ActionError(code, `${name}: did not restart: ${reasonOf(error)}. ${so}`, { cause: error });
}
