import type pg from "pg";
import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { findCluster, leaderOf } from "../../actions/patroni/find-cluster.ts";
import {
  type ClusterView,
  type PatroniClientOptions,
  patroniClient,
} from "../../actions/patroni/patroni-client.ts";
import { waitFor } from "../../actions/wait.ts";
import { probeDatabase } from "../../cluster/rotation/roles.ts";
import { onSession } from "./sql.ts";
import type { Stack } from "./world.ts";

const outputs = z.object({
  endpoint: z.object({
    address: z.string(),
    hosts: z.array(z.string()).optional(),
    readWritePort: z.number(),
    readOnlyPort: z.number(),
    replicasPort: z.number().optional(),
  }),
  members: z.array(
    z.object({ name: z.string(), address: z.string(), restUrl: z.string(), postgresPort: z.number() }),
  ),
  replicas: z
    .array(z.object({ name: z.string(), replica: z.string(), address: z.string(), postgresPort: z.number() }))
    .default([]),
  credentials: z.object({
    application: z.object({ user: z.string(), password: z.string(), database: z.string() }),
    operator: z.object({ user: z.string(), password: z.string() }),
    rest: z.object({ user: z.string(), password: z.string() }),
    access: clusterAccess,
  }),
});

/** A running cluster as the tests look at it: through Patroni and SQL, never through the program. */
export interface LiveCluster {
  /** The address that clients use. */
  readonly vip: string;
  readonly restUrls: readonly string[];
  /** Of the members, in the order of `direct`. */
  readonly names: readonly string[];
  /** What opens Patroni's REST API, also for what changes something. */
  readonly patroni: PatroniClientOptions;
  /** Where applications write. */
  readonly endpoint: pg.ClientConfig & { readonly host: string; readonly port: number };
  /** The same by each address that clients have for it. */
  readonly endpoints: readonly pg.ClientConfig[];
  /** Where readers read. */
  readonly readOnly: pg.ClientConfig;
  /** Addresses of the members themselves, in the order of their names. */
  readonly direct: readonly pg.ClientConfig[];
  /** Where the read replicas are read, with as many as there are. */
  readonly replicas: pg.ClientConfig;
  /** A read replica itself, by the name that the specification has for it. */
  replica(name: string): pg.ClientConfig & { readonly host: string };
  view(): Promise<ClusterView>;
  leader(): Promise<string>;
  /**
   * Waits until one member leads and `standbys` others stream and may be promoted: before a standby is synchronous
   * again, Patroni rightly promotes nobody when the leader is lost.
   */
  inSync(standbys: number): Promise<void>;
  /** A statement as the role that operates the cluster, on whoever leads. */
  operate(statement: string): Promise<void>;
  /** One value of SQL on each member, in the order of their names. */
  onEach(expression: string): Promise<string[]>;
}

export async function liveCluster(world: Pick<Stack, "pulumi">): Promise<LiveCluster> {
  const known = outputs.parse(JSON.parse(await world.pulumi("stack", "output", "--json", "--show-secrets")));
  const { application, operator, rest, access } = known.credentials;
  // For an address, node-postgres would compare the certificate with `localhost`.
  const at = (host: string, port: number) => ({ ...application, host, port, ssl: { ca: access.ca, host } });
  const restUrls = known.members.map(({ restUrl }) => restUrl);
  const view = async () => (await findCluster(patroniClient({ access }), restUrls)).view;
  const { address: vip, hosts = [vip], readWritePort, readOnlyPort } = known.endpoint;
  const direct = known.members.map(({ address, postgresPort }) => at(address, postgresPort));
  return {
    vip,
    restUrls,
    names: known.members.map(({ name }) => name),
    patroni: { access, credentials: { username: rest.user, password: rest.password } },
    endpoint: at(vip, readWritePort),
    endpoints: hosts.map((host) => at(host, readWritePort)),
    readOnly: at(vip, readOnlyPort),
    direct,
    replicas: at(vip, known.endpoint.replicasPort ?? 0),
    replica: (name) => {
      const found = known.replicas.find(({ replica }) => replica === name);
      if (found === undefined) throw new Error(`there is no read replica ${name}`);
      return at(found.address, found.postgresPort);
    },
    view,
    leader: async () => {
      const found = leaderOf(await view());
      if (!found) throw new Error("nobody leads");
      return found.name;
    },
    inSync: (standbys) => awaitInSync(view, standbys),
    operate: (statement) => {
      const { certificate: cert, privateKey: key, ca } = access;
      const login = { ...operator, database: probeDatabase, host: vip, port: readWritePort };
      return run({ ...login, ssl: { ca, cert, key, host: vip } }, statement);
    },
    onEach: (expression) => Promise.all(direct.map((login) => evaluate(login, expression))),
  };
}

async function awaitInSync(view: () => Promise<ClusterView>, standbys: number): Promise<void> {
  await waitFor({ what: `${standbys} standbys stream in sync`, deadlineMs: 240_000 }, async () => {
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

async function run(config: pg.ClientConfig, statement: string): Promise<void> {
  await onSession(config, (client) => client.query(statement));
}

/** One value of SQL. */
export async function evaluate(config: pg.ClientConfig, expression: string): Promise<string> {
  const { rows } = await onSession(config, (client) => client.query(`select (${expression})::text as value`));
  return String(rows[0]?.value);
}
