import { randomUUID } from "node:crypto";
import type pg from "pg";
import { probeDatabase } from "../cluster/rotation/roles.ts";
import type { ClusterAccess } from "./access.ts";
import { ActionError, reasonOf } from "./action-error.ts";
import { objectStore, type StoreAccess } from "./object-store.ts";
import { connectSql, withSql } from "./sql/sql-client.ts";
import { waitFor } from "./wait.ts";

/** How long a row may take to every standby, and its WAL into the bucket. */
const REPLICATION_DEADLINE_MS = 15_000;
const ARCHIVE_DEADLINE_MS = 60_000;

const APPLICATION_NAME = "spilo-proof";

/** Where a server is reached and as whom. */
interface Login {
  readonly host: string;
  readonly port: number;
  /** The operator: the proof writes only into a database of the operators' own, never into an application's. */
  readonly user: string;
  readonly password: string;
}

export interface ProofTarget {
  /** The read-write address that applications use. */
  readonly endpoint: Login;
  /** Every standby, directly. */
  readonly standbys: readonly (Login & { readonly name: string })[];
  readonly access: ClusterAccess;
  readonly archive: ArchivePlace;
}

/** The cluster's place in its bucket, and the key to it. */
interface ArchivePlace extends StoreAccess {
  readonly bucket: string;
  /** Key prefix of this incarnation, without a slash at its end. */
  readonly prefix: string;
}

/** What has been seen; every figure is measured. */
export interface Proof {
  readonly readOn: readonly string[];
  /** From the acknowledged commit until the last standby showed the row. */
  readonly replicationMs: number;
  /** The WAL file that holds the row, found in the bucket. */
  readonly walFile: string;
  readonly archiveMs: number;
}

/**
 * Writes a row through the endpoint, reads it on each standby, and finds its WAL in the bucket.
 *
 * @throws Error when a standby does not show the row within 15 s, or the WAL is not in the bucket within 60 s.
 */
export async function prove(target: ProofTarget): Promise<Proof> {
  const { access } = target;
  const endpoint = { ...target.endpoint, access };
  await ensureTable(endpoint);
  // Connected before the row is written, so that the time measured is replication's alone.
  const watchers = await Promise.all(target.standbys.map((standby) => watch({ ...standby, access })));
  try {
    const token = randomUUID();
    const { walFile, committed } = await writeRow(endpoint, token);
    await Promise.all(watchers.map((watcher) => awaitRow(watcher, token)));
    const replicationMs = performance.now() - committed;
    await finishWal(endpoint);
    await awaitArchived(target.archive, walFile);
    const archiveMs = performance.now() - committed;
    return { readOn: target.standbys.map(({ name }) => name), replicationMs, walFile, archiveMs };
  } finally {
    await Promise.all(watchers.map(({ client }) => client.end()));
  }
}

type Trusted = Login & { readonly access: ClusterAccess };

/** The database itself is made with the operators' roles. */
async function ensureTable(endpoint: Trusted): Promise<void> {
  await within(endpoint, (client) =>
    client.query(
      "create table if not exists proof (token uuid primary key, written timestamptz not null default now())",
    ),
  );
}

/** Returns the WAL file of the commit, and when it was acknowledged. */
async function writeRow(endpoint: Trusted, token: string): Promise<{ walFile: string; committed: number }> {
  return await within(endpoint, async (client) => {
    await client.query("delete from proof where written < now() - interval '1 day'");
    await client.query("insert into proof (token) values ($1)", [token]);
    const committed = performance.now();
    const { rows } = await client.query("select pg_walfile_name(pg_current_wal_lsn()) as file");
    return { walFile: String(rows[0]?.file), committed };
  });
}

/** The server archives a WAL file when it is full, or now when it is asked to. */
async function finishWal(endpoint: Trusted): Promise<void> {
  await within(endpoint, (client) => client.query("select pg_switch_wal()"));
}

function within<T>(login: Trusted, work: (client: pg.Client) => Promise<T>): Promise<T> {
  return withSql({ ...login, database: probeDatabase }, APPLICATION_NAME, work);
}

interface Watcher {
  readonly name: string;
  readonly client: pg.Client;
}

/** A connection to a standby; database and role arrive there by replication, and may not be there at first. */
async function watch({ name, ...login }: Trusted & { readonly name: string }): Promise<Watcher> {
  return await waitFor(
    { what: `database ${probeDatabase} on ${name}`, deadlineMs: REPLICATION_DEADLINE_MS },
    async () => {
      try {
        const client = await connectSql({ ...login, database: probeDatabase }, APPLICATION_NAME);
        return { found: { name, client } };
      } catch (error) {
        if (error instanceof ActionError && error.code === "refused") throw error;
        return { pending: reasonOf(error) };
      }
    },
  );
}

async function awaitRow({ name, client }: Watcher, token: string): Promise<void> {
  const arrival = { what: `the row on ${name}`, deadlineMs: REPLICATION_DEADLINE_MS, everyMs: 1 };
  await waitFor(arrival, async () => {
    const query = "select pg_is_in_recovery() as standby from proof where token = $1";
    const { rows } = await client.query(query, [token]);
    return rows[0]?.standby === true ? { found: true } : { pending: "not there" };
  });
}

/** The archiver adds an ending of its own to the file's name (`.gz`, `.lz4`). */
async function awaitArchived({ bucket, prefix, ...access }: ArchivePlace, walFile: string): Promise<void> {
  const store = await objectStore(access);
  try {
    await waitFor(
      { what: `WAL ${walFile} in bucket ${bucket}`, deadlineMs: ARCHIVE_DEADLINE_MS, everyMs: 250 },
      async () => {
        const objects = await store.list(bucket, `${prefix}/`);
        const found = objects.find(({ key }) => (key.split("/").at(-1) ?? "").startsWith(walFile));
        return found ? { found } : { pending: "no object of that name" };
      },
    );
  } finally {
    store.close();
  }
}
