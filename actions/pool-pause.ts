import { randomUUID } from "node:crypto";
import { ActionError, reasonOf } from "./action-error.ts";
import type { ClusterHandle } from "./handle.ts";
import { connectSql } from "./sql/sql-client.ts";
import { type Clock, systemClock } from "./wait.ts";
import { type WithinOptions, within } from "./within.ts";

/** PgBouncer's console. Whoever gets one ends it. */
export interface PoolConsole {
  /** Returns when every transaction has ended; new ones wait from then on, and already before. */
  pause(): Promise<void>;
  /** Everybody goes on. */
  resume(): Promise<void>;
  end(): void;
}

/** The pool beside one proxy. */
export interface Pool {
  readonly proxy: string;
  /**
   * Has the pool go on by itself after so many seconds, whatever becomes of whoever paused it. A newer lease takes an
   * older one's place; 0 gives it back.
   */
  lease(token: string, seconds: number): Promise<void>;
  connect(): Promise<PoolConsole>;
}

export interface PausedPool {
  readonly proxy: string;
  /** Why its clients do not wait; absent when they do. */
  readonly skipped?: string;
}

/** Holds the clients of pools, and lets go of them in any case. */
export interface PoolHold {
  /**
   * Has the clients of every pool wait. One whose transactions do not end in time, or that cannot be held safely, goes
   * on and is told as skipped.
   *
   * @throws the signal's reason when it is aborted. Nothing else is thrown.
   */
  pause(): Promise<readonly PausedPool[]>;
  /**
   * Everybody goes on. May be called at any time and again: what goes on already is not touched.
   *
   * @returns what could not be told to: its lease ends the wait.
   */
  resume(): Promise<readonly PausedPool[]>;
}

export interface PoolHoldOptions {
  readonly clock?: Clock;
  /** Ends the wait for transactions; what was paused stays so until `resume`. */
  readonly signal?: AbortSignal | undefined;
  /** For the transactions that run to end. @default 3000 */
  readonly pauseMs?: number;
}

/** The longest that anybody waits, whatever happens: for transactions to end, and for a leader to change. */
export const leaseSeconds = 12;
const LEASE_MS = 5_000;
const RESUME_MS = 2_000;
const RESUME_ATTEMPTS = 3;

/** Nothing is held yet. */
export function poolHold(pools: readonly Pool[], options: PoolHoldOptions = {}): PoolHold {
  const { clock = systemClock, signal, pauseMs = 3_000 } = options;
  const token = randomUUID();
  /** Those that were told to pause, or may have been. */
  const touched = new Set<Pool>();

  /** Why there is no lease. Without one, nothing is paused. */
  async function noLease(pool: Pool): Promise<string | undefined> {
    try {
      const limits = { what: "a lease", deadlineMs: LEASE_MS, clock, signal };
      await within(limits, pool.lease(token, leaseSeconds));
      return undefined;
    } catch (error) {
      signal?.throwIfAborted();
      return reasonOf(error);
    }
  }

  async function pauseOne(pool: Pool): Promise<PausedPool> {
    const { proxy } = pool;
    touched.add(pool);
    try {
      const limits = { what: "transactions end", deadlineMs: pauseMs, clock, signal };
      await onConsole(pool, limits, (console) => console.pause());
      return { proxy };
    } catch (error) {
      signal?.throwIfAborted();
      // Its clients wait already, and for nothing.
      const stuck = await resumeOne(pool);
      return {
        proxy,
        skipped: [reasonOf(error), ...(stuck.skipped === undefined ? [] : [stuck.skipped])].join("; "),
      };
    }
  }

  /** @returns with `skipped` when it could not be told to go on. */
  async function resumeOne(pool: Pool): Promise<PausedPool> {
    let problem = "";
    for (let attempt = 0; attempt < RESUME_ATTEMPTS; attempt += 1) {
      try {
        const limits = { what: "RESUME", deadlineMs: RESUME_MS, clock };
        await onConsole(pool, limits, (console) => console.resume());
        touched.delete(pool);
        return { proxy: pool.proxy };
      } catch (error) {
        problem = reasonOf(error);
      }
    }
    return { proxy: pool.proxy, skipped: problem };
  }

  return {
    pause: async () => {
      signal?.throwIfAborted();
      const leases = await Promise.all(pools.map(noLease));
      return await Promise.all(
        pools.map((pool, index) => {
          const skipped = leases[index];
          return skipped === undefined ? pauseOne(pool) : { proxy: pool.proxy, skipped };
        }),
      );
    },
    resume: async () => {
      const held = [...touched];
      const outcomes = await Promise.all(held.map(resumeOne));
      const free = held.filter((pool) => !touched.has(pool));
      // Else it would end somebody else's pause, some seconds later. Nobody waits for this.
      await Promise.allSettled(
        free.map((pool) => within({ what: "the lease", deadlineMs: LEASE_MS, clock }, pool.lease(token, 0))),
      );
      return outcomes.filter(({ skipped }) => skipped !== undefined);
    },
  };
}

/** What is late is not begun any more: a PAUSE that arrives after the RESUME would stay. */
async function onConsole(
  pool: Pool,
  limits: WithinOptions,
  work: (console: PoolConsole) => Promise<void>,
): Promise<void> {
  let over = false;
  const connecting = pool.connect();
  try {
    await within(
      limits,
      connecting.then((console) => (over ? undefined : work(console))),
    );
  } finally {
    over = true;
    void connecting.then(
      (console) => console.end(),
      () => undefined,
    );
  }
}

/** The pools of a cluster; none where it has none. */
export function poolsOf(
  handle: Pick<ClusterHandle, "proxies" | "endpoint" | "operator" | "formerOperator" | "access" | "execOn">,
): readonly Pool[] {
  const { proxies, endpoint, operator, formerOperator, access, execOn } = handle;
  const { pooledPort: port } = endpoint;
  if (port === undefined) return [];
  return proxies.map(({ name, address }) => ({
    proxy: name,
    lease: async (token, seconds) => {
      const command = ["pool-lease", token, String(seconds)];
      const { exitCode, errors } = await execOn(name)(name, command, { user: "root", timeoutMs: LEASE_MS });
      if (exitCode !== 0)
        throw new ActionError("failed", `${name}: pool-lease: ${errors.trim() || exitCode}`);
    },
    connect: async () => {
      const place = { host: address, port, ca: access.ca, way: access.way };
      try {
        return await poolConsole({ ...place, ...operator });
      } catch (error) {
        // It has not been replaced since the operator's password was.
        if (formerOperator === undefined) throw error;
        return await poolConsole({ ...place, ...formerOperator });
      }
    },
  }));
}

/** Where PgBouncer takes commands: a database of its own making. */
const CONSOLE = "pgbouncer";

interface ConsoleLogin {
  readonly host: string;
  readonly port: number;
  /** One of PgBouncer's `admin_users`. */
  readonly user: string;
  readonly password: string;
  readonly ca: string;
  readonly way?: string | undefined;
}

/** @throws ActionError as `connectSql` does. */
export async function poolConsole(login: ConsoleLogin): Promise<PoolConsole> {
  const limits = { connectMs: 2_000, queryMs: 30_000 };
  const client = await connectSql({ ...login, database: CONSOLE }, "spilo-switchover", limits);
  return {
    pause: async () => void (await client.query("PAUSE")),
    resume: async () => {
      await client.query("RESUME").catch((error: unknown) => {
        // Its lease was over, or it was started anew: what is wanted is so already.
        if (!/not paused/i.test(reasonOf(error))) throw error;
      });
    },
    end: () => void client.end().catch(() => undefined),
  };
}
