import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { z } from "zod";
import { reasonOf } from "../../../actions/action-error.ts";
import { waitFor } from "../../../actions/wait.ts";
import { connectDirectly } from "../../prove/direct-client.ts";
import type { LiveCluster } from "../cluster-view.ts";
import type { Acknowledged, StoredRow } from "./checker.ts";

/** Clients that write numbered rows, each in its own way, and note what they were told. */
export interface Writers {
  /**
   * Waits until each of those that find the leader wherever it is has had so many more commits acknowledged.
   *
   * @throws ActionError `deadline` with the writer and the last reason why it was not.
   */
  goOn(count: number, deadlineMs: number): Promise<void>;
  /** Ends them all. @returns what they were told, in the order in which they were. */
  stop(): Promise<readonly Acknowledged[]>;
}

/** The writer whose gaps are those of an application. */
export const THROUGH_ENDPOINT = "endpoint";

const TABLE = "spilo_chaos";

/** Between two commits of one writer, and before it connects anew, milliseconds. */
const PAUSE_MS = 20;
const RETRY_MS = 100;
/** Of one that is refused most of the time, as its member is a standby. */
const PATIENT_RETRY_MS = 400;
/** Whoever forgets them has them no longer than that. */
const LIMIT_MS = 60 * 60_000;

/**
 * The row holds who committed it, by the same statement: the timeline is that of the WAL which the row itself goes to.
 * (What `pg_control_checkpoint` has is older, until the first checkpoint after a promotion.)
 */
const INSERT = `insert into ${TABLE} (writer, seq, timeline, server) values ($1, $2,
  ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int, host(inet_server_addr()))
  returning timeline, server`;

const returned = z.tuple([z.object({ timeline: z.number(), server: z.string() })]);
const counted = z.array(z.object({ writer: z.string(), seq: z.number(), copies: z.number() }));

/** Nothing in the table keeps a row from being there twice: that is what is looked for. */
export async function makeTable({ endpoints }: LiveCluster): Promise<void> {
  await onClient(endpoints, async (client) => {
    await client.query(`drop table if exists ${TABLE}`);
    await client.query(
      `create table ${TABLE} (writer text, seq int, timeline int, server text, written timestamptz default now())`,
    );
  });
}

/** What is there, by whoever leads. */
export async function storedRows({ endpoints }: LiveCluster): Promise<readonly StoredRow[]> {
  const question = `select writer, seq, count(*)::int as copies from ${TABLE} group by writer, seq`;
  return await onClient(endpoints, async (client) => counted.parse((await client.query(question)).rows));
}

interface Writer {
  readonly name: string;
  /** Where it tries to write, all of it at once. */
  readonly addresses: readonly pg.ClientConfig[];
  /** It is expected to find the leader. */
  readonly follows: boolean;
}

/**
 * Two through the endpoint and one by the members' own addresses, as a client with a multi-host string does; and one for
 * each member, which sticks to it and writes whenever that one lets it: it is the first to be told of a commit by a
 * server that should not lead.
 */
export function startWriters({ endpoints, direct }: LiveCluster): Writers {
  const writers: readonly Writer[] = [
    { name: THROUGH_ENDPOINT, addresses: endpoints, follows: true },
    { name: `second ${THROUGH_ENDPOINT}`, addresses: endpoints, follows: true },
    { name: "multi-host", addresses: direct, follows: true },
    ...direct.map((member, index) => ({
      name: `member ${index + 1}`,
      addresses: [member],
      follows: false,
    })),
  ];
  const stopping = new AbortController();
  const running = writers.map((writer) => runWriter(writer, stopping.signal));
  return {
    goOn: async (count, deadlineMs) => {
      await Promise.all(
        running.filter(({ follows }) => follows).map((one) => moreOf(one, count, deadlineMs)),
      );
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running.map(({ ended }) => ended));
      return running.flatMap(({ acknowledged }) => acknowledged).sort((left, right) => left.at - right.at);
    },
  };
}

interface Running {
  readonly name: string;
  readonly follows: boolean;
  readonly acknowledged: readonly Acknowledged[];
  problem(): string;
  readonly ended: Promise<void>;
}

/** Ends with the signal, or after an hour. */
export function runWriter({ name, addresses, follows }: Writer, signal: AbortSignal): Running {
  const acknowledged: Acknowledged[] = [];
  const end = performance.now() + LIMIT_MS;
  let problem = "nothing was tried yet";
  let seq = 0;

  /** A number whose fate is unknown is never used again: a row that is there twice was written once. */
  async function writeOnOneConnection(): Promise<void> {
    const client = await connectDirectly(addresses);
    try {
      while (!signal.aborted) {
        seq += 1;
        const number = seq;
        const { rows } = await client.query(INSERT, [name, number]);
        const at = performance.now();
        const [{ timeline, server }] = returned.parse(rows);
        acknowledged.push({ writer: name, seq: number, timeline, server, at });
        await pause(PAUSE_MS);
      }
    } finally {
      client.end().catch(() => undefined); // not awaited: it may be gone
    }
  }

  async function write(): Promise<void> {
    while (!signal.aborted && performance.now() < end) {
      await writeOnOneConnection().catch((error: unknown) => {
        problem = error instanceof AggregateError ? error.errors.map(reasonOf).join("; ") : reasonOf(error);
      });
      await pause(follows ? RETRY_MS : PATIENT_RETRY_MS);
    }
  }

  return { name, follows, acknowledged, problem: () => problem, ended: write() };
}

async function moreOf({ name, acknowledged, problem }: Running, count: number, deadlineMs: number) {
  const wanted = acknowledged.length + count;
  await waitFor({ what: `${count} commits of writer ${name}`, deadlineMs, everyMs: 50 }, async () =>
    acknowledged.length >= wanted ? { found: true } : { pending: problem() },
  );
}

async function onClient<T>(
  addresses: readonly pg.ClientConfig[],
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectDirectly(addresses.map((one) => ({ ...one, query_timeout: 60_000 })));
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
