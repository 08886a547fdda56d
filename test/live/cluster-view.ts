import pg from "pg";
import { z } from "zod";
import { findCluster, leaderOf } from "../../actions/find-cluster.ts";
import { type ClusterView, patroniClient } from "../../actions/patroni-client.ts";
import { waitFor } from "../../actions/wait.ts";
import type { World } from "./world.ts";

const outputs = z.object({
  endpoint: z.object({ address: z.string(), readWritePort: z.number(), readOnlyPort: z.number() }),
  members: z.array(
    z.object({ name: z.string(), address: z.string(), restUrl: z.string(), postgresPort: z.number() }),
  ),
  credentials: z.object({ superuser: z.object({ user: z.string(), password: z.string() }) }),
});

/** A running cluster as the tests look at it: through Patroni and SQL, never through the program. */
export interface LiveCluster {
  /** Where applications write. */
  readonly endpoint: pg.ClientConfig & { readonly host: string; readonly port: number };
  /** Where readers read. */
  readonly readOnly: pg.ClientConfig;
  /** Addresses of the members themselves, in the order of their names. */
  readonly direct: readonly pg.ClientConfig[];
  view(): Promise<ClusterView>;
  leader(): Promise<string>;
  /**
   * Waits until one member leads and `standbys` others stream and may be promoted: before a standby is synchronous
   * again, Patroni rightly promotes nobody when the leader is lost.
   */
  inSync(standbys: number): Promise<void>;
  /** One value of SQL on each member, in the order of their names. */
  onEach(expression: string): Promise<string[]>;
}

export async function liveCluster(world: World): Promise<LiveCluster> {
  const known = outputs.parse(JSON.parse(await world.pulumi("stack", "output", "--json", "--show-secrets")));
  const login = { ...known.credentials.superuser, database: "postgres", ssl: { rejectUnauthorized: false } };
  const restUrls = known.members.map(({ restUrl }) => restUrl);
  const view = async () => (await findCluster(patroniClient(), restUrls)).view;
  return {
    endpoint: { ...login, host: known.endpoint.address, port: known.endpoint.readWritePort },
    readOnly: { ...login, host: known.endpoint.address, port: known.endpoint.readOnlyPort },
    direct: known.members.map(({ address, postgresPort }) => ({
      ...login,
      host: address,
      port: postgresPort,
    })),
    view,
    leader: async () => {
      const found = leaderOf(await view());
      if (!found) throw new Error("nobody leads");
      return found.name;
    },
    inSync: (standbys) => awaitInSync(view, standbys),
    onEach: (expression) =>
      Promise.all(
        known.members.map(({ address, postgresPort }) =>
          evaluate({ ...login, host: address, port: postgresPort }, expression),
        ),
      ),
  };
}

async function awaitInSync(view: () => Promise<ClusterView>, standbys: number): Promise<void> {
  await waitFor({ what: `${standbys} standbys stream in sync`, deadlineMs: 90_000 }, async () => {
    try {
      const seen = await view();
      const ready = seen.members.filter(
        ({ role, state }) => role === "quorum_standby" && state === "streaming",
      ).length;
      const states = seen.members.map(({ name, role, state }) => `${name} ${role} ${state}`).join(", ");
      return leaderOf(seen)?.state === "running" && ready === standbys
        ? { found: seen }
        : { pending: states };
    } catch (error) {
      return { pending: String(error) };
    }
  });
}

/** One value of SQL. */
export async function evaluate(config: pg.ClientConfig, expression: string): Promise<string> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    const { rows } = await client.query(`select (${expression})::text as value`);
    return String(rows[0]?.value);
  } finally {
    await client.end();
  }
}
