import { randomUUID } from "node:crypto";
import pg from "pg";
import { objectStore, type StoreAccess } from "./object-store.ts";
import { waitFor } from "./wait.ts";

/** The proof writes only into a database of its own, never into the user's. */
const DATABASE = "spilo_proof";

/** How long a row may take to every standby, and its WAL into the bucket. */
const REPLICATION_DEADLINE_MS = 15_000;
const ARCHIVE_DEADLINE_MS = 60_000;

/** Where a server is reached and as whom. */
interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface ProofTarget {
  /** The read-write address that applications use. */
  readonly endpoint: Login;
  /** Every standby, directly. */
  readonly standbys: readonly (Login & { readonly name: string })[];
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
  await ensureDatabase(target.endpoint);
  // Connected before the row is written, so that the time measured is replication's alone.
  const watchers = await Promise.all(target.standbys.map(watch));
  try {
    const token = randomUUID();
    const { walFile, committed } = await writeRow(target.endpoint, token);
    await Promise.all(watchers.map((watcher) => awaitRow(watcher, token)));
    const replicationMs = performance.now() - committed;
    await finishWal(target.endpoint);
    await awaitArchived(target.archive, walFile);
    const archiveMs = performance.now() - committed;
    return { readOn: target.standbys.map(({ name }) => name), replicationMs, walFile, archiveMs };
  } finally {
    await Promise.all(watchers.map(({ client }) => client.end()));
  }
}

async function ensureDatabase(endpoint: Login): Promise<void> {
  await withClient(endpoint, "postgres", async (client) => {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  });
  await withClient(endpoint, DATABASE, (client) =>
    client.query(
      "create table if not exists proof (token uuid primary key, written timestamptz not null default now())",
    ),
  );
}

/** Returns the WAL file of the commit, and when it was acknowledged. */
async function writeRow(endpoint: Login, token: string): Promise<{ walFile: string; committed: number }> {
  return await withClient(endpoint, DATABASE, async (client) => {
    await client.query("delete from proof where written < now() - interval '1 day'");
    await client.query("insert into proof (token) values ($1)", [token]);
    const committed = performance.now();
    const { rows } = await client.query("select pg_walfile_name(pg_current_wal_lsn()) as file");
    return { walFile: String(rows[0]?.file), committed };
  });
}

/** The server archives a WAL file when it is full, or now when it is asked to. */
async function finishWal(endpoint: Login): Promise<void> {
  await withClient(endpoint, DATABASE, (client) => client.query("select pg_switch_wal()"));
}

interface Watcher {
  readonly name: string;
  readonly client: pg.Client;
}

/** A connection to a standby; the database itself arrives by replication and may not be there at first. */
async function watch({ name, ...login }: Login & { readonly name: string }): Promise<Watcher> {
  return await waitFor(
    { what: `database ${DATABASE} on ${name}`, deadlineMs: REPLICATION_DEADLINE_MS },
    async () => {
      try {
        return { found: { name, client: await connect(login, DATABASE) } };
      } catch (error) {
        return { pending: error instanceof Error ? error.message : String(error) };
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

async function withClient<T>(
  login: Login,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(login, database);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connect(login: Login, database: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...login,
    database,
    // Encrypted; the server's certificate is its own, so there is nobody to verify it with.
    ssl: { rejectUnauthorized: false },
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
    application_name: "spilo proof",
  });
  client.on("error", () => undefined); // a lost connection fails the query that is under way
  await client.connect();
  return client;
}
