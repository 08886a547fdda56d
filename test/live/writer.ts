import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

/** What an application sees while the cluster changes under it. */
export interface Observation {
  readonly acknowledged: number;
  /** Rows whose commit was acknowledged and that are not there afterwards: must be none. */
  readonly missing: readonly number[];
  /** The longest time between two acknowledged commits, milliseconds. */
  readonly longestGapMs: number;
}

export interface Writer {
  /** Waits until so many more commits have been acknowledged. */
  writes(count: number, deadlineMs: number): Promise<void>;
  /** Stops writing and compares what was acknowledged with what is there. */
  stop(): Promise<Observation>;
}

const TABLE = "spilo_written";

/**
 * Commits numbered rows through an address, one at a time, reconnecting whenever the connection is lost.
 *
 * Every number is used once, so that a commit of unknown fate is neither counted as acknowledged nor written again.
 */
export async function startWriter(endpoint: pg.ClientConfig): Promise<Writer> {
  await once(endpoint, (client) =>
    client.query(`drop table if exists ${TABLE}; create table ${TABLE} (id bigint primary key)`),
  );
  const acknowledged: { id: number; at: number }[] = [];
  let stopping = false;
  const writing = write();

  async function write(): Promise<void> {
    let id = 0;
    while (!stopping) {
      await once(endpoint, async (client) => {
        while (!stopping) {
          id += 1;
          await client.query(`insert into ${TABLE} values ($1)`, [id]);
          acknowledged.push({ id, at: performance.now() });
          await pause(5);
        }
      }).catch(() => pause(50)); // the outage that is measured
    }
  }

  return {
    writes: async (count, deadlineMs) => {
      const [wanted, end] = [acknowledged.length + count, performance.now() + deadlineMs];
      while (acknowledged.length < wanted) {
        if (performance.now() > end)
          throw new Error(`${count} commits were not acknowledged within ${deadlineMs / 1000} s`);
        await pause(50);
      }
    },
    stop: async () => {
      stopping = true;
      await writing;
      return await observe(endpoint, acknowledged);
    },
  };
}

async function observe(
  endpoint: pg.ClientConfig,
  acknowledged: readonly { id: number; at: number }[],
): Promise<Observation> {
  const rows = await once(endpoint, (client) => client.query(`select id::int from ${TABLE}`));
  const present = new Set(rows.rows.map(({ id }) => id));
  const gaps = acknowledged.slice(1).map(({ at }, index) => at - (acknowledged[index]?.at ?? at));
  return {
    acknowledged: acknowledged.length,
    missing: acknowledged.map(({ id }) => id).filter((id) => !present.has(id)),
    longestGapMs: Math.max(0, ...gaps),
  };
}

async function once<T>(endpoint: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...endpoint, connectionTimeoutMillis: 1_000, query_timeout: 2_000 });
  client.on("error", () => undefined); // a lost connection fails the query that is under way
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined); // it may be gone already
  }
}
