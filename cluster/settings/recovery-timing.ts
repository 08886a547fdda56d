import type { SpecIssue } from "../schema/spec-error.ts";

/** How soon Patroni notices that something is gone, and how long it waits before it acts. Seconds. */
export interface RecoveryTiming {
  /** How long a leader's lease lasts without being renewed. */
  readonly ttl: number;
  /** Between two looks of Patroni at its member. */
  readonly loopWait: number;
  /** How long an operation on etcd or on PostgreSQL is tried again. */
  readonly retryTimeout: number;
}

/** Patroni's least values. */
const least: RecoveryTiming = { ttl: 20, loopWait: 1, retryTimeout: 3 };

/**
 * What is wrong with timing: below Patroni's least values it takes its defaults instead, and when two tries and a
 * look do not fit into the lease, a leader that is alive loses it to a short hiccup of etcd.
 *
 * @param path where the three stand in the specification.
 * @see https://patroni.readthedocs.io/en/latest/dynamic_configuration.html
 */
export function checkTiming(timing: RecoveryTiming, path: string): readonly SpecIssue[] {
  const { ttl, loopWait, retryTimeout } = timing;
  const small = (["ttl", "loopWait", "retryTimeout"] as const).flatMap((key) => {
    const value = timing[key];
    if (value >= least[key]) return [];
    const message = `must be at least ${least[key]} seconds: Patroni takes its default for less`;
    return [{ path: `${path}.${key}`, value, message, remedy: `Set it to ${least[key]} or more.` }];
  });
  const needed = loopWait + 2 * retryTimeout;
  if (needed <= ttl) return small;
  const message = `loopWait + 2 × retryTimeout is ${needed}, which does not fit into ttl: a leader that is well would lose its lease`;
  const remedy = `Set ttl to ${needed} or more, or lower retryTimeout.`;
  return [...small, { path: `${path}.ttl`, value: ttl, message, remedy }];
}
