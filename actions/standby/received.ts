import { z } from "zod";
import { jsonIn } from "../../cluster/json-in.ts";
import type { Received } from "../../cluster/running/promotion-checks.ts";
import { ActionError } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
import { linesOf, sqlOn } from "../sql/leader-sql.ts";

/** What is read on a member, whatever the logins of its database are. */
export type ServerHandle = Pick<ClusterHandle, "execOn" | "signal">;

const position = z.object({
  systemIdentifier: z.string(),
  inRecovery: z.boolean(),
  replayed: z.string().nullable(),
});

const answer = position.extend({
  unreplayedBytes: z.number().nullable(),
  behindBytes: z.number().nullable(),
  streams: z.boolean(),
  heardSeconds: z.number().nullable(),
  lastCommit: z.string().nullable(),
  lastCommitSeconds: z.number().nullable(),
});

/** What a server has, and which database system it is one of. */
export interface ServerPosition extends Received {
  readonly systemIdentifier: string;
  readonly inRecovery: boolean;
  /** Up to where its data is: replayed, or written by itself. */
  readonly replayed: string;
}

/** @throws ActionError `unreachable` when its server does not run, or not yet; `failed` when the answer is none. */
export async function receivedOn(handle: ServerHandle, member: string): Promise<ServerPosition> {
  const run = { execOn: handle.execOn, timeoutMs: 20_000, signal: handle.signal };
  const [line = ""] = linesOf(await sqlOn(member, "postgres", question, run));
  const parsed = answer.safeParse(jsonIn(line));
  if (!parsed.success) throw new ActionError("failed", `${member}: the answer is not what was asked for`);
  const { unreplayedBytes, replayed, ...others } = parsed.data;
  return { ...others, unreplayedBytes: unreplayedBytes ?? 0, replayed: replayed ?? "0/0" };
}

/**
 * As superuser, in one line. A receiver that has no connection keeps what it received last in
 * `pg_last_wal_receive_lsn()`, and its row is gone.
 */
const question = `
with receiver as (
  select status, latest_end_lsn, last_msg_receipt_time from pg_stat_wal_receiver
), here as (
  select
    pg_is_in_recovery() as recovers,
    case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end as replayed,
    case when pg_is_in_recovery() then pg_last_wal_receive_lsn() end as received
)
select json_build_object(
  'systemIdentifier', (select system_identifier::text from pg_control_system()),
  'inRecovery', recovers,
  'replayed', replayed::text,
  'unreplayedBytes', greatest(pg_wal_lsn_diff(received, replayed), 0),
  'behindBytes', greatest(pg_wal_lsn_diff((select latest_end_lsn from receiver), replayed), 0),
  'streams', coalesce((select status = 'streaming' from receiver), false),
  'heardSeconds', (select extract(epoch from now() - last_msg_receipt_time) from receiver),
  'lastCommit', to_char(pg_last_xact_replay_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'lastCommitSeconds', extract(epoch from now() - pg_last_xact_replay_timestamp())
) from here;
`;
