import type pg from "pg";
import { startWriteProbe } from "../../actions/probe/write-probe.ts";
import { connect } from "./sql.ts";

/** What an application sees while the cluster changes under it. */
export interface Observation {
  readonly acknowledged: number;
  /** Rows whose commit was acknowledged and that are not there afterwards: must be none. */
  readonly missing: readonly number[];
  /** The longest time between two acknowledged commits, milliseconds. */
  readonly longestGapMs: number;
  /** How often a connection was refused or lost, or a statement failed or took too long. */
  readonly failures: number;
}

export interface Writer {
  /** Waits until so many more commits have been acknowledged. */
  writes(count: number, deadlineMs: number): Promise<void>;
  /** Stops writing and compares what was acknowledged with what is there. */
  stop(): Promise<Observation>;
}

/**
 * Commits numbered rows through an address, one at a time, reconnecting whenever the connection is lost. Starts when
 * the first one is acknowledged.
 *
 * @param endpoint with its own limits, if others than a second for a connection and two for a statement are wanted.
 * @param name tells its rows from those of other writers.
 */
export async function startWriter(endpoint: pg.ClientConfig, name = "written"): Promise<Writer> {
  const table = `spilo_${name}`;
  const limits = { connectionTimeoutMillis: 1_000, query_timeout: 2_000 };
  const probe = startWriteProbe({ connect: () => connect({ ...limits, ...endpoint }), retryMs: 50, table });
  await probe.writes(1, 10_000);
  return {
    writes: (count, deadlineMs) => probe.writes(count, deadlineMs),
    stop: async () => {
      const { acknowledged, missing, longestGapMs, failures } = await probe.stop();
      if (missing === undefined) throw new Error("nobody could look which rows are there");
      return { acknowledged, missing, longestGapMs, failures };
    },
  };
}
