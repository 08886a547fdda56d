import { lsnInWords } from "../../cluster/running/lsn.ts";
import { type ClusterEvent, readEvents } from "../events.ts";
import type { ClusterHandle } from "../handle.ts";
import type { RoleChange } from "../patroni/patroni-client.ts";
import { noAnswer } from "../sql/connection-failure.ts";
import { type Asked, ask, known } from "../status/ask.ts";
import type { UnknownReport } from "../status/report.ts";

export interface HistoryOptions {
  /** How many of each kind at most, the newest. @default 20 */
  readonly limit?: number;
  /** How long each source may take, milliseconds. @default 5000 */
  readonly askMs?: number;
  /** @default the cluster's table */
  readonly events?: typeof readEvents;
}

/** A new leader. */
export interface RoleChangeReport {
  /** ISO 8601; null of changes that Patroni did not see. */
  readonly at: string | null;
  readonly leader: string | null;
  /** The one that began with it. */
  readonly timeline: number;
  /** Where the former timeline ended, as PostgreSQL writes it: `0/35290B60`. */
  readonly lsn: string;
  readonly reason: string;
}

/** What happened to a cluster, each oldest first. */
export interface HistoryReport {
  readonly cluster: string;
  readonly roleChanges: readonly RoleChangeReport[] | null;
  /** What verbs have noted: new states, measured outages. */
  readonly events: readonly ClusterEvent[] | null;
  readonly unknown: readonly UnknownReport[];
}

/** Who led when, and what verbs have measured and noted. */
export async function history(handle: ClusterHandle, options: HistoryOptions = {}): Promise<HistoryReport> {
  const { limit = 20, askMs, events: read = readEvents } = options;
  const [changes, events] = await Promise.all([
    ask(() => anyHistory(handle), askMs),
    ask(() => read(handle, limit), askMs),
  ]);
  return {
    cluster: handle.name,
    roleChanges: known(changes)?.slice(-limit).map(roleChangeReport) ?? null,
    events: known(events) ?? null,
    unknown: [...unsaid("role changes", changes), ...unsaid("events", events)],
  };
}

async function anyHistory({ members, patroni }: ClusterHandle): Promise<readonly RoleChange[]> {
  try {
    return await Promise.any(members.map(({ restUrl }) => patroni.history(restUrl)));
  } catch (error) {
    throw noAnswer("no member answers", error instanceof AggregateError ? error.errors : [error]);
  }
}

function roleChangeReport({ at, leader, timeline, lsn, reason }: RoleChange): RoleChangeReport {
  return { at: at ?? null, leader: leader ?? null, timeline, lsn: lsnInWords(lsn), reason };
}

function unsaid(what: string, asked: Asked<unknown>): readonly UnknownReport[] {
  return "unknown" in asked ? [{ what, reason: asked.unknown }] : [];
}
