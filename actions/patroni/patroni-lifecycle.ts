import { ActionError, isPassing, reasonOf } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
import type { Clock } from "../wait.ts";
import { waitFor } from "../wait.ts";
import { type Standing, standingOf } from "./cluster-standing.ts";
import {
  describeMembers,
  findCluster,
  isDelayed,
  isInService,
  isLeader,
  isReplica,
  leaderOf,
  type MemberAddress,
  restUrlOf,
  synchronousCount,
} from "./find-cluster.ts";
import type { ClusterMember, ClusterView, PatroniClient } from "./patroni-client.ts";
import { wakeLeader } from "./wake-leader.ts";

/** As much of a cluster as it takes to look after its servers. */
export type LifecycleHandle = Pick<
  ClusterHandle,
  "name" | "members" | "replicas" | "patroni" | "synchronousStandbys" | "clock" | "signal"
>;

/** The same for a verb that notes what it has done. */
export type RecordingHandle = LifecycleHandle & Pick<ClusterHandle, "record">;

/** A shutdown checkpoint, and Patroni's own limit for a start, may take this long. */
const RESTART_MS = 330_000;

export interface RestartOptions {
  readonly patroni: PatroniClient;
  readonly restUrl: string;
  /** All that may answer. */
  readonly members: readonly Pick<MemberAddress, "name" | "restUrl">[];
  /** Whether it takes part in synchronous commit. */
  readonly isSynchronous: boolean;
  readonly clock: Clock;
  /** @default 330000 */
  readonly deadlineMs?: number | undefined;
}

/**
 * Restarts PostgreSQL of one member through its Patroni, and returns when it accepts connections.
 *
 * A synchronous standby first waits until the leader has let go of it, so that no commit waits for it. The leader does
 * that when it next looks, and is made to look.
 */
export async function restartThroughPatroni(options: RestartOptions): Promise<void> {
  const { patroni, restUrl, members, isSynchronous, clock, deadlineMs = RESTART_MS } = options;
  let over = false;
  const restart = patroni.restart(restUrl, deadlineMs).finally(() => {
    over = true;
  });
  const keepLeaderLooking = async () => {
    while (isSynchronous && !over) {
      await Promise.race([restart, clock.sleep(1000)]);
      if (!over) await wakeLeader(patroni, members);
    }
  };
  await Promise.all([restart, keepLeaderLooking()]);
}

/** A cluster that somebody leads. */
export interface Led extends Standing {
  readonly leader: ClusterMember;
}

/**
 * What a verb begins with: nobody leads in a cluster that is stopped, and that is another matter than a lost leader.
 *
 * @throws ActionError `no-leader`, with what to do.
 */
export async function leaderOrExplain(handle: LifecycleHandle): Promise<Led> {
  const standing = await standingOf(handle.patroni, handle.members);
  const { view, paused, stopped } = standing;
  const leader = leaderOf(view);
  if (leader !== undefined) return { ...standing, leader };
  if (stopped) {
    const message = `cluster ${handle.name} is stopped by \`spiloctl stop\`: run \`spiloctl start\` first`;
    throw new ActionError("no-leader", message);
  }
  const remedy = paused
    ? "Patroni is paused and promotes nobody: run `spiloctl resume`"
    : "`spiloctl status` shows what stands";
  throw new ActionError("no-leader", `no member leads: ${describeMembers(view)}. ${remedy}`);
}

/** Every member: those that are declared, and those that Patroni still knows. */
export function allMembers(handle: Pick<LifecycleHandle, "members">, view: ClusterView): readonly string[] {
  const names = [...handle.members, ...view.members].map(({ name }) => name);
  return [...new Set(names)].sort((left, right) => left.localeCompare(right, "en", { numeric: true }));
}

/** Those that neither lead nor stream, but for read replicas, each with what it is instead: `dev-3 is stopped`. */
export function outOfService(
  handle: Pick<LifecycleHandle, "members">,
  view: ClusterView,
): ReadonlyMap<string, string> {
  const seen = new Map(view.members.map((member) => [member.name, member]));
  const spared = new Set(view.members.filter(isReplica).map(({ name }) => name));
  const absent = allMembers(handle, view).flatMap((name) => {
    if (spared.has(name)) return [];
    const member = seen.get(name);
    if (member === undefined) return [[name, `${name} is not in the cluster`] as const];
    return isInService(member) ? [] : [[name, `${name} is ${member.state}`] as const];
  });
  return new Map(absent);
}

export interface ServiceWait {
  /** What is awaited, as the start of a sentence. */
  readonly what: string;
  readonly names: readonly string[];
  /** How many standbys have to be synchronous. */
  readonly synchronous: number;
  readonly deadlineMs: number;
  readonly remedy: string;
  /** Called at every look at the cluster. */
  readonly seen?: (view: ClusterView) => void;
  /** Says why a member is not there yet, beyond what everybody has to be. */
  readonly besides?: () => Promise<string | undefined>;
}

/**
 * Waits until these members lead or stream on the leader's timeline, and enough standbys are synchronous. Members are
 * asked themselves, as what the DCS holds of them may be ten seconds old.
 *
 * @throws ActionError `deadline` with what each of them is.
 */
export async function inService(handle: LifecycleHandle, wait: ServiceWait): Promise<ClusterView> {
  const { what, names, synchronous, deadlineMs, remedy } = wait;
  return waitFor({ what, remedy, everyMs: 250, ...limitsOf(handle, deadlineMs) }, async () => {
    const urls = handle.members.map(({ restUrl }) => restUrl);
    const { view } = await findCluster(handle.patroni, urls);
    wait.seen?.(view);
    const leader = leaderOf(view);
    const absences = await Promise.all(names.map((name) => absenceOf(handle, name, view)));
    const absent = absences.filter((one) => one !== undefined);
    if (leader === undefined) return { pending: ["no member leads", ...absent].join("; ") };
    if (absent.length > 0) return { pending: absent.join("; ") };
    const reason = await wait.besides?.();
    if (reason !== undefined) return { pending: reason };
    if (synchronousCount(view) >= synchronous) return { found: view };
    await wakeLeader(handle.patroni, handle.members);
    return { pending: `${synchronousCount(view)} of ${synchronous} standbys are synchronous` };
  });
}

/** Why a member does not serve; undefined when it does. */
async function absenceOf(
  { patroni, members }: LifecycleHandle,
  name: string,
  view: ClusterView,
): Promise<string | undefined> {
  const known = view.members.find((member) => member.name === name) ?? { name, role: "", state: "" };
  try {
    const status = await patroni.member(restUrlOf(known, members));
    if (status.state !== "running") return `${name} is ${status.state}`;
    const leader = leaderOf(view);
    if (leader === undefined) return undefined;
    // Who follows another cluster is not promoted.
    if (known.role === "standby_leader") return undefined;
    if (isLeader(known)) return status.role === "primary" ? undefined : `${name} is not promoted yet`;
    if (isDelayed(known)) return undefined;
    if (status.replication_state !== "streaming") return `${name} does not stream from ${leader.name} yet`;
    const [own, led] = [status.timeline, leader.timeline];
    const behind = own !== undefined && led !== undefined && own !== led;
    return behind ? `${name} is on timeline ${own}, and ${leader.name} on ${led}` : undefined;
  } catch (error) {
    if (isPassing(error)) return `${name} does not answer (${reasonOf(error)})`;
    throw error;
  }
}

/**
 * Waits until every member that answers knows that Patroni is paused, or no longer is.
 *
 * @returns those that do not answer: they know when they are back.
 */
export async function pauseIsNoticed(handle: LifecycleHandle, paused: boolean): Promise<readonly string[]> {
  const what = paused
    ? "every member has noticed the pause"
    : "every member has noticed the end of the pause";
  const remedy = "`spiloctl status` shows who does not answer; run it again to wait on";
  return waitFor({ what, remedy, everyMs: 250, ...limitsOf(handle, 60_000) }, async () => {
    const all = [...handle.members, ...handle.replicas];
    const notices = await Promise.all(all.map((member) => noticeOf(handle, member)));
    const late = notices.filter(({ pause }) => pause === !paused).map(({ name }) => name);
    if (late.length > 0) return { pending: `not yet ${late.join(", ")}` };
    const silent = notices.filter(({ pause }) => pause === undefined).map(({ name }) => name);
    return silent.length < notices.length ? { found: silent } : { pending: "no member answers" };
  });
}

async function noticeOf(
  { patroni }: LifecycleHandle,
  { name, restUrl }: Pick<MemberAddress, "name" | "restUrl">,
): Promise<{ readonly name: string; readonly pause: boolean | undefined }> {
  try {
    return { name, pause: (await patroni.member(restUrl)).pause ?? false };
  } catch (error) {
    if (isPassing(error)) return { name, pause: undefined };
    throw error;
  }
}

/** Of a wait of a verb's. */
function limitsOf({ clock, signal }: Pick<LifecycleHandle, "clock" | "signal">, deadlineMs: number) {
  return { deadlineMs, clock, signal };
}
