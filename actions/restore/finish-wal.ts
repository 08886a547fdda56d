import { z } from "zod";
import { probeDatabase } from "../../cluster/rotation/roles.ts";
import type { ArchiveFolder } from "../archive/stored-backups.ts";
import type { ClusterHandle } from "../handle.ts";
import type { ObjectStore } from "../object-store.ts";
import { withSql } from "../sql/sql-client.ts";
import { waitFor } from "../wait.ts";

/** Up to where a cluster that lives can be restored from now on. */
export interface FinishedWal {
  /** Of the server's clock, with a zone. */
  readonly time: string;
  readonly lsn: string;
  /** The segment that holds both, found in the bucket. */
  readonly walFile: string;
}

const answer = z.tuple([z.object({ time: z.string(), lsn: z.string(), file: z.string() })]);

const ARCHIVE_DEADLINE_MS = 60_000;

/**
 * Has a cluster write a commit, end its WAL file, and archive that: PostgreSQL knows that a time is reached when it sees a
 * commit after it.
 *
 * @param store of the bucket in which the file is to be found.
 * @param archive that bucket. @default the cluster's first one
 * @throws ActionError `unreachable` when nobody answers at the endpoint; `deadline` when the file is not archived in 60 s.
 */
export async function finishWal(
  handle: ClusterHandle,
  store: Pick<ObjectStore, "list">,
  archive: ArchiveFolder = handle.archive,
): Promise<FinishedWal> {
  const { endpoint, operator, access, clock, signal } = handle;
  const login = {
    ...{ host: endpoint.hosts?.[0] ?? endpoint.address, port: endpoint.readWritePort },
    ...{ ...operator, database: probeDatabase, access },
  };
  const finished = await withSql(login, "spilo-restore", async (client) => {
    const { rows } = await client.query(`select to_char(clock_timestamp() at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time, pg_current_wal_insert_lsn()::text as lsn`);
    await client.query("select pg_logical_emit_message(true, 'spilo', 'restore')");
    const { rows: ended } = await client.query("select pg_walfile_name(pg_switch_wal()) as file");
    return answer.parse([{ ...rows[0], ...ended[0] }])[0];
  });
  const { time, lsn, file: walFile } = finished;
  const folders = [`wals/${walFile.slice(0, 16)}`, "wal_005"];
  const what = `${walFile} is archived`;
  await waitFor({ what, deadlineMs: ARCHIVE_DEADLINE_MS, everyMs: 250, clock, signal }, async () => {
    const prefixes = folders.map((folder) => `${archive.prefix}/${folder}/${walFile}`);
    const lists = await Promise.all(prefixes.map((prefix) => store.list(archive.bucket, prefix)));
    return lists.flat().length > 0 ? { found: true } : { pending: "it is not in the bucket" };
  });
  return { time, lsn, walFile };
}
