import type { DynamicSettings, RecoveryObjective, RecoveryPlan, SecondsRange } from "../plan-types.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { RecoveryTiming } from "./recovery-timing.ts";

/** What an objective makes Patroni do, and what is to be expected of it. Seconds throughout. */
export interface RecoveryProfile extends RecoveryTiming {
  /** How long a crashed leader may take to come back before a standby takes over; 0: not at all. */
  readonly primaryStartTimeout: number;
  /** From the loss of the leader's node until clients write again. */
  readonly lostNode: SecondsRange;
  /** The same from a crash of the leader's PostgreSQL, while its node and its Patroni go on. */
  readonly crash: SecondsRange;
}

/**
 * The objectives, from the soonest to the calmest. A lost node is noticed when its lease runs out: at most `ttl` after
 * its last renewal, at least `ttl` less `loopWait`. The sooner, the smaller the hiccup of etcd or of the network that
 * makes a leader give up although it is well.
 *
 * @see https://patroni.readthedocs.io/en/latest/dynamic_configuration.html
 */
export const recoveryProfiles: Readonly<Record<RecoveryObjective, RecoveryProfile>> = {
  fast: {
    ttl: 20,
    loopWait: 5,
    retryTimeout: 5,
    primaryStartTimeout: 0,
    lostNode: [15, 22],
    crash: [2, 5],
  },
  normal: {
    ttl: 30,
    loopWait: 10,
    retryTimeout: 10,
    primaryStartTimeout: 30,
    lostNode: [20, 45],
    crash: [5, 30],
  },
  wide: {
    ttl: 60,
    loopWait: 10,
    retryTimeout: 20,
    primaryStartTimeout: 300,
    lostNode: [40, 90],
    crash: [5, 300],
  },
};

/** The settings of Patroni's that an objective decides. */
export type RecoverySettings = Pick<
  DynamicSettings,
  "ttl" | "loop_wait" | "retry_timeout" | "primary_start_timeout"
>;

export function recoverySettings(objective: RecoveryObjective): RecoverySettings {
  const { ttl, loopWait, retryTimeout, primaryStartTimeout } = recoveryProfiles[objective];
  return {
    ttl,
    loop_wait: loopWait,
    retry_timeout: retryTimeout,
    primary_start_timeout: primaryStartTimeout,
  };
}

/** What is to be expected when the leader is lost; nothing of a single member, as nobody can take over. */
export function planRecovery({
  platform,
  members,
  endpoint,
  recovery: { objective },
}: ClusterSpec): RecoveryPlan {
  if (members === 1)
    return { objective, sentence: "nobody takes over when the leader is lost: members is 1" };
  const { lostNode, crash } = recoveryProfiles[objective];
  const sentence = `a standby takes over from a lost node ${within(lostNode)}, from a crashed leader ${within(crash)} (expected)`;
  if (platform === "docker") return { objective, lostNodeSeconds: lostNode, crashSeconds: crash, sentence };
  return {
    objective,
    lostNodeSeconds: followed(lostNode),
    crashSeconds: followed(crash),
    sentence:
      `${sentence}; the load balancer follows ${seconds(loadBalancerSeconds)} later` +
      (endpoint.pooled ? ", and clients of the pool connect anew, after a switchover as well" : ""),
  };
}

/** Two checks five seconds apart find the new leader, and AWS takes a while to act on them. */
const loadBalancerSeconds: SecondsRange = [10, 15];

function followed([least, most]: SecondsRange): SecondsRange {
  return [least + loadBalancerSeconds[0], most + loadBalancerSeconds[1]];
}

/**
 * What another timing means, in a sentence; undefined when it stays as it was. Timing that is no objective's was set by
 * hand, or by an earlier version: nothing is expected of it.
 */
export function describeRecoveryChange(from: RecoverySettings, to: RecoverySettings): string | undefined {
  const [older, newer] = [objectiveOf(from), objectiveOf(to)];
  if (newer === undefined || older === newer) return undefined;
  const { lostNode, crash } = recoveryProfiles[newer];
  const now = `from a lost node ${within(lostNode)}, from a crashed leader ${within(crash)}`;
  if (older === undefined) return `recovery is ${newer}: a standby takes over ${now} (expected)`;
  const before = recoveryProfiles[older];
  const was = `${seconds(before.lostNode)} and ${seconds(before.crash)} before`;
  return `recovery ${older} → ${newer}: a standby takes over ${now} (expected; ${was})`;
}

function objectiveOf(settings: RecoverySettings): RecoveryObjective | undefined {
  const objectives = ["fast", "normal", "wide"] as const;
  return objectives.find((objective) => {
    const { ttl, loop_wait, retry_timeout, primary_start_timeout } = recoverySettings(objective);
    return (
      settings.ttl === ttl &&
      settings.loop_wait === loop_wait &&
      settings.retry_timeout === retry_timeout &&
      settings.primary_start_timeout === primary_start_timeout
    );
  });
}

function within(range: SecondsRange): string {
  return `within ${seconds(range)}`;
}

function seconds([least, most]: SecondsRange): string {
  return `${least} to ${most} s`;
}
