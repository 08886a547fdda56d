import { randomUUID } from "node:crypto";
import { ActionError, reasonOf } from "../action-error.ts";
import { type Clock, systemClock, waitFor } from "../wait.ts";
import { within } from "../within.ts";
import { type Acknowledged, longestGap } from "./outage.ts";

/** A connection to a database, as far as a probe needs one. */
export interface ProbeSession {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  end(): Promise<unknown>;
}

export interface WriteProbeOptions {
  /** Connects, and gives up soon when it cannot: what is measured ends no earlier than an attempt. */
  readonly connect: () => Promise<ProbeSession>;
  /** In the schema that the one who connects finds first; made if it is missing. @default outage_probe */
  readonly table?: string;
  /** The time before the first commit counts as well: nothing is written when the probe starts. @default false */
  readonly countFromStart?: boolean;
  /** Between two commits, milliseconds. @default 5 */
  readonly pauseMs?: number;
  /** Before another attempt to connect, milliseconds. @default 20 */
  readonly retryMs?: number;
  readonly clock?: Clock;
}

/** What an application sees while the cluster changes under it. */
export interface ProbeResult {
  /** Commits that were acknowledged. */
  readonly acknowledged: number;
  /** How often a connection was refused or lost, or a statement failed. */
  readonly failures: number;
  /** Numbers of those that are not there afterwards: must be none. Absent when nobody could look. */
  readonly missing?: readonly number[];
  /** The longest time in which none was acknowledged. */
  readonly longestGapMs: number;
  /** When it began: ISO 8601. */
  readonly gapBegan: string;
  /** It had not ended when the probe did. */
  readonly stillOut: boolean;
  /** In the seconds before it; absent when there were none. */
  readonly writesPerSecondBefore?: number;
}

export interface WriteProbe {
  /**
   * Waits until so many more commits have been acknowledged.
   *
   * @throws ActionError `deadline` with the last reason why none was.
   */
  writes(count: number, deadlineMs: number, signal?: AbortSignal): Promise<void>;
  /** Stops writing, looks which of the rows are there, and removes them. Never takes longer than a few seconds. */
  stop(): Promise<ProbeResult>;
}

/** Nobody forgets a probe for longer than that: it writes one row after another. */
const LIMIT_MS = 30 * 60_000;
/** For the write that is under way, and for the look afterwards. */
const STOP_MS = 5_000;
const LOOK_MS = 10_000;

/**
 * Commits numbered rows, one after the other, and connects anew whenever one fails.
 *
 * Every number is used once, so that a commit of unknown fate is neither counted as acknowledged nor written again.
 */
export function startWriteProbe(options: WriteProbeOptions): WriteProbe {
  const { clock = systemClock, table = "outage_probe", pauseMs = 5, retryMs = 20 } = options;
  const started = clock.now();
  const wall = Date.now() - started;
  const run = randomUUID();
  const acknowledged: Acknowledged[] = [];
  let problem = "nothing was tried yet";
  let failures = 0;
  let stopping = false;
  let last = 0;
  const ended = writeAll();

  async function writeAll(): Promise<void> {
    while (!stopping && clock.now() - started < LIMIT_MS) {
      await writeOnOneConnection().catch((error: unknown) => {
        problem = reasonOf(error); // the outage that is measured
        if (!stopping) failures += 1;
      });
      if (!stopping) await clock.sleep(retryMs);
    }
  }

  async function writeOnOneConnection(): Promise<void> {
    await onSession(options.connect, async (session) => {
      await session.query(tableStatement(table));
      while (!stopping) {
        last += 1;
        await session.query(`insert into ${table} (run, id) values ($1, $2)`, [run, last]);
        acknowledged.push({ id: last, at: clock.now() });
        await clock.sleep(pauseMs);
      }
    });
  }

  return {
    writes: async (count, deadlineMs, signal) => {
      const wanted = acknowledged.length + count;
      const limits = { deadlineMs, everyMs: 10, clock, signal };
      await waitFor({ what: `${count} commits through the endpoint`, ...limits }, async () =>
        acknowledged.length >= wanted ? { found: true } : { pending: problem },
      );
    },
    stop: async () => {
      stopping = true;
      const watched = { ...(options.countFromStart ? { from: started } : {}), to: clock.now() };
      await within({ what: "the last write", deadlineMs: STOP_MS, clock }, ended).catch(() => undefined);
      const present = await lookAndRemove({ ...options, table, clock }, run);
      const { from, milliseconds, open, ...rate } = longestGap(acknowledged, watched);
      const missing = present && acknowledged.map(({ id }) => id).filter((id) => !present.has(id));
      return {
        acknowledged: acknowledged.length,
        failures,
        ...(missing === undefined ? {} : { missing }),
        longestGapMs: milliseconds,
        gapBegan: new Date(wall + from).toISOString(),
        stillOut: open && milliseconds > 1000,
        ...rate,
      };
    },
  };
}

function tableStatement(table: string): string {
  return `create table if not exists ${table}
    (run uuid not null, id bigint not null, written timestamptz not null default now(), primary key (run, id))`;
}

/** Also the rows that others have left behind. Nothing when nobody answers: then somebody else removes them. */
async function lookAndRemove(
  { connect, table, clock }: Required<Pick<WriteProbeOptions, "connect" | "table" | "clock">>,
  run: string,
): Promise<ReadonlySet<number> | undefined> {
  const look = () =>
    onSession(connect, async (session) => {
      const { rows } = await session.query(`select id::int from ${table} where run = $1`, [run]);
      const present = new Set(rows.map(idOf));
      await session.query(`delete from ${table} where run = $1 or written < now() - interval '1 day'`, [run]);
      return present;
    });
  const limits = { what: "the rows that were written", deadlineMs: LOOK_MS, clock };
  const looking = waitFor({ ...limits, everyMs: 100 }, async () => {
    try {
      return { found: await look() };
    } catch (error) {
      return { pending: reasonOf(error) };
    }
  });
  try {
    return await within(limits, looking);
  } catch (error) {
    if (error instanceof ActionError && error.code === "deadline") return undefined;
    throw error;
  }
}

async function onSession<T>(
  connect: () => Promise<ProbeSession>,
  work: (session: ProbeSession) => Promise<T>,
): Promise<T> {
  const session = await connect();
  try {
    return await work(session);
  } finally {
    // Not awaited: whoever does not answer any more does not say goodbye either.
    session.end().catch(() => undefined);
  }
}

function idOf(row: unknown): number {
  return typeof row === "object" && row !== null && "id" in row ? Number(row.id) : Number.NaN;
}
