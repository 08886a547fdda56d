import { z } from "zod";
import { probeDatabase } from "../cluster/rotation/roles.ts";
import type { Json, JsonObject } from "../cluster/settings/merge-patch.ts";
import { ActionError } from "./action-error.ts";
import type { ClusterHandle } from "./handle.ts";
import { withSql } from "./sql/sql-client.ts";
import { ask } from "./status/ask.ts";

/** Something that happened to the cluster, as a verb saw it. */
export interface ClusterEvent {
  /** ISO 8601, by the server's clock. */
  readonly at: string;
  /** Such as `ha-state`, `switchover`, `failover`. */
  readonly kind: string;
  readonly detail: JsonObject;
}

/** Where and as whom events are written: on whoever leads, in the operators' own database. */
type EventsHandle = Pick<ClusterHandle, "endpoint" | "operator" | "access">;

/**
 * Notes something that has happened.
 *
 * @returns whether it was noted; it never throws.
 */
export type RecordEvent = (kind: string, detail: Readonly<Record<string, Json>>) => Promise<boolean>;

const APPLICATION_NAME = "spilo-events";

/**
 * What every session begins with: an event is worth no waiting, neither for a standby nor for a lock nor for a server
 * that hangs.
 */
const prepare = "set synchronous_commit = local; set lock_timeout = '1s'; set statement_timeout = '3s'";

/**
 * Whatever an operator makes belongs to the operators' group. The table is looked for first: `create` alone would take a
 * lock and tell about it, each time.
 */
const ensureTable = `
do $$ begin
  if to_regclass('public.spilo_events') is null then
    create table if not exists public.spilo_events (
      at timestamptz not null default clock_timestamp(), kind text not null, detail jsonb not null
    );
    create index if not exists spilo_events_at on public.spilo_events (at);
  end if;
end $$`;

/**
 * Notes an event in the table `spilo_events`, and makes the table if it is missing. It never fails a verb: when nobody
 * takes it within five seconds, it is not noted.
 *
 * @returns whether it was noted.
 */
export async function recordEvent(
  handle: EventsHandle,
  kind: string,
  detail: Readonly<Record<string, Json>>,
): Promise<boolean> {
  const insert = "insert into public.spilo_events (kind, detail) values ($1, $2)";
  return write(handle, insert, [kind, JSON.stringify(detail)]);
}

/**
 * Notes a state of the cluster's, unless it is the one that was noted last.
 *
 * @returns whether it could be looked at, and noted if it was another one.
 */
export async function recordHaState(handle: EventsHandle, state: string): Promise<boolean> {
  const insert = `
    insert into public.spilo_events (kind, detail)
    select 'ha-state', jsonb_build_object('from', last.state, 'to', $1::text)
    from (select (
      select detail ->> 'to' from public.spilo_events where kind = 'ha-state' order by at desc limit 1
    ) as state) last
    where last.state is distinct from $1::text`;
  return write(handle, insert, [state]);
}

async function write(handle: EventsHandle, statement: string, values: readonly string[]): Promise<boolean> {
  const written = await ask(() =>
    withSql(loginOf(handle), APPLICATION_NAME, async (client) => {
      await client.query(prepare);
      await client.query(ensureTable);
      await client.query(statement, [...values]);
    }),
  );
  return "known" in written;
}

const rows = z.array(z.object({ at: z.string(), kind: z.string(), detail: z.record(z.string(), z.json()) }));

/**
 * The newest events, oldest first; none when nothing was ever noted.
 *
 * @param limit how many at most. @default 100
 * @throws ActionError as `withSql` does.
 */
export async function readEvents(handle: EventsHandle, limit = 100): Promise<readonly ClusterEvent[]> {
  const answer = await withSql(loginOf(handle), APPLICATION_NAME, async (client) => {
    await client.query(prepare);
    const there = await client.query("select to_regclass('public.spilo_events') is not null as there");
    if (there.rows[0]?.there !== true) return [];
    const question = `
      select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, kind, detail
      from public.spilo_events order by spilo_events.at desc limit $1`;
    return (await client.query(question, [limit])).rows;
  });
  const parsed = rows.safeParse(answer);
  if (parsed.success) return parsed.data.reverse();
  throw new ActionError("failed", "the table spilo_events holds something else than events");
}

function loginOf({ endpoint, operator, access }: EventsHandle) {
  const { address: host, readWritePort: port } = endpoint;
  return { host, port, ...operator, database: probeDatabase, access };
}
