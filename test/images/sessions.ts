import { Client, type ClientConfig } from "pg";

const open = new Set<Client>();

/**
 * A session, for as long as the test takes: `endSessions` ends it, however the test has gone. One that is cut between
 * two statements is seen by the next, and ends nothing else.
 */
export async function openSession(config: ClientConfig): Promise<Client> {
  const client = new Client({ connectionTimeoutMillis: 5_000, ...config });
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    client.end().catch(() => undefined); // it may be gone already
    throw error;
  }
  open.add(client);
  return client;
}

/** Ends whatever a test has opened. */
export async function endSessions(): Promise<void> {
  const clients = [...open];
  open.clear();
  await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
}
