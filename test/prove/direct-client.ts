import pg from "pg";

/** Connects to whoever leads by the members' own addresses, as a client with a multi-host string does. */
export async function connectDirectly(members: readonly pg.ClientConfig[]): Promise<pg.Client> {
  return await Promise.any(members.map(connectToLeader));
}

async function connectToLeader(member: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ connectionTimeoutMillis: 1_000, query_timeout: 2_000, ...member });
  client.on("error", () => undefined); // a lost connection fails the query that is under way
  try {
    await client.connect();
    const { rows } = await client.query("select pg_is_in_recovery() as standby");
    if (rows[0].standby !== false) throw new Error("a standby");
    return client;
  } catch (error) {
    client.end().catch(() => undefined); // it may be gone already
    throw error;
  }
}
