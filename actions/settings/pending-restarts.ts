import { ActionError, reasonOf } from "../action-error.ts";
import {
  describeMembers,
  findCluster,
  isDelayed,
  isInService,
  isLeader,
  leaderOf,
  restUrlOf,
  synchronousCount,
} from "../patroni/find-cluster.ts";
import type { ClusterMember, ClusterView } from "../patroni/patroni-client.ts";
import { restartThroughPatroni } from "../patroni/patroni-lifecycle.ts";
import { wakeLeader } from "../patroni/wake-leader.ts";
import { waitFor } from "../wait.ts";
import type { InForce } from "./in-force.ts";
import {
  isLowered,
  type MemberInForce,
  type PreparedChange,
  pendingOn,
  readAll,
  type SettingsTools,
  stepLimits,
  withoutKept,
} from "./settings-state.ts";

/**
 * Restarts PostgreSQL, through Patroni and one member at a time, wherever a declared parameter waits for it:
 *
 * 1. standbys that wait for more than a lowered value, each awaited until it streams again;
 * 2. the leader, which keeps its leadership;
 * 3. standbys that wait for a lowered value of the shared-memory five, once they have replayed the leader's.
 *
 * A standby may never have less than the leader in one of these five, so what is raised goes standbys first and what
 * is lowered leader first; if both are changed at once, Patroni starts a standby of step 1 with the larger of the old
 * and the new value, and step 3 brings it down. Either way the leader restarts once.
 *
 * What comes next is decided from what is in force, so it goes on where an earlier run stopped.
 *
 * @see https://patroni.readthedocs.io/en/latest/patroni_configuration.html#important-rules
 */
export async function restartWhatIsPending(prepared: PreparedChange, tools: SettingsTools): Promise<void> {
  const done = new Set<string>();
  for (;;) {
    const next = nextRestart(await readAll(prepared, tools), prepared.wanted);
    if (next === undefined) return;
    const waiting = next.pending.map(({ name, setting }) => `${name} ${setting}`).join(", ");
    const turn = `${next.member.name} ${waiting}`;
    if (done.has(turn)) {
      throw new ActionError("not-in-force", `${next.member.name}: has restarted and still has ${waiting}`);
    }
    done.add(turn);
    await restartOne(next, prepared, tools);
  }
}

interface NextRestart {
  readonly member: ClusterMember;
  readonly pending: readonly InForce[];
  readonly afterReplay: boolean;
}

/** Which member restarts now; undefined when nothing waits. */
function nextRestart(
  members: readonly MemberInForce[],
  wanted: PreparedChange["wanted"],
): NextRestart | undefined {
  const waiting = members
    .map((one) => ({ member: one.member, pending: pendingOn(withoutKept(one, wanted), wanted) }))
    .filter(({ pending }) => pending.length > 0);
  const standbys = waiting.filter(({ member }) => !isLeader(member));
  const first =
    standbys.find(({ pending }) => !pending.every((row) => isLowered(row, wanted))) ??
    waiting.find(({ member }) => isLeader(member));
  if (first !== undefined) return { ...first, afterReplay: false };
  const [last] = standbys;
  return last === undefined ? undefined : { ...last, afterReplay: true };
}

async function restartOne(next: NextRestart, prepared: PreparedChange, tools: SettingsTools): Promise<void> {
  const { member } = next;
  const planned = prepared.change.members;
  const restUrl = restUrlOf(member, planned);
  const { view } = await findCluster(
    tools.patroni,
    planned.map((one) => one.restUrl),
  );
  const names = next.pending.map(({ name }) => name).join(", ");
  const role = isLeader(member) ? "the leader" : "a standby";
  await knownToPatroni(restUrl, next, tools);
  if (next.afterReplay) await hasReplayed(member, view, prepared, tools);
  tools.report(`restarting PostgreSQL on ${member.name}, ${role}, for ${names}`);
  try {
    await restartThroughPatroni({
      patroni: tools.patroni,
      restUrl,
      members: planned,
      isSynchronous: !isLeader(member) && synchronousCount(view) > 0,
      clock: stepLimits(tools).clock,
      deadlineMs: tools.restartDeadlineMs,
    });
  } catch (error) {
    const message = `${member.name}: did not restart for ${names}: ${reasonOf(error)} (docker logs ${member.name})`;
    throw new ActionError("failed", message, { cause: error });
  }
  await backInService(member.name, view, prepared, tools);
}

/** A restart before Patroni has read the new settings would start with the old ones. */
async function knownToPatroni(restUrl: string, next: NextRestart, tools: SettingsTools): Promise<void> {
  await waitFor(
    { ...stepLimits(tools), what: `Patroni on ${next.member.name} sees that a restart is due` },
    async () => {
      const status = await tools.patroni.member(restUrl);
      return status.pending_restart === true ? { found: true } : { pending: "no restart is pending there" };
    },
  );
}

/** pg_controldata of a standby has the leader's new values once the leader's record of them is replayed. */
async function hasReplayed(
  member: ClusterMember,
  view: ClusterView,
  prepared: PreparedChange,
  tools: SettingsTools,
): Promise<void> {
  const planned = prepared.change.members;
  const leader = leaderOf(view);
  if (leader === undefined) throw new ActionError("failed", `no member leads: ${describeMembers(view)}`);
  const { xlog } = await tools.patroni.member(restUrlOf(leader, planned));
  const target = xlog?.location;
  if (target === undefined)
    throw new ActionError("failed", `${leader.name}: does not say how far its WAL is`);
  await waitFor(
    { ...stepLimits(tools), what: `${member.name} replays the change of ${leader.name}` },
    async () => {
      const replayed = (await tools.patroni.member(restUrlOf(member, planned))).xlog?.replayed_location ?? 0;
      return replayed >= target ? { found: true } : { pending: `${target - replayed} bytes are left` };
    },
  );
}

/**
 * All members that were in service are again, and as many standbys take part in synchronous commit as before. Each is
 * asked itself: what the DCS holds of it may be a few seconds old.
 */
async function backInService(
  name: string,
  before: ClusterView,
  prepared: PreparedChange,
  tools: SettingsTools,
): Promise<void> {
  const planned = prepared.change.members;
  const awaited = before.members.filter((member) => member.name === name || isInService(member));
  const what = `${name} is in service again`;
  const remedy = `docker logs ${name} says more`;
  await waitFor({ ...stepLimits(tools), what, remedy }, async () => {
    const { view } = await findCluster(
      tools.patroni,
      planned.map(({ restUrl }) => restUrl),
    );
    if (leaderOf(view) === undefined) return { pending: `no member leads (${describeMembers(view)})` };
    const absent = (await Promise.all(awaited.map((member) => absence(member, prepared, tools)))).flat();
    if (absent.length > 0) return { pending: absent.join("; ") };
    if (synchronousCount(view) >= synchronousCount(before)) return { found: true };
    await wakeLeader(tools.patroni, planned);
    return { pending: "fewer synchronous standbys than before" };
  });
}

async function absence(
  member: ClusterMember,
  prepared: PreparedChange,
  tools: SettingsTools,
): Promise<readonly string[]> {
  const status = await tools.patroni.member(restUrlOf(member, prepared.change.members));
  if (status.state !== "running") return [`${member.name} ${status.state}`];
  if (status.role !== "replica" || isDelayed(member) || status.replication_state === "streaming") return [];
  return [`${member.name} does not stream yet`];
}
