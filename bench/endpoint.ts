/**
 * What each hop costs: pgbench against the leader itself, through HAProxy, and through PgBouncer behind it.
 *
 *     node --import tsx bench/endpoint.ts [rounds] [seconds]
 *
 * pgbench runs in a container on the cluster's network, as the application, encrypted as every client is. The three ways
 * take turns within each round, so that whatever else the machine does meets all of them. Prints the median of the rounds, the worst, and
 * what the median is of the direct way's.
 */
import { execa } from "execa";
import { evaluate, type LiveCluster, liveCluster } from "../test/live/cluster-view.ts";
import { makeWorld } from "../test/live/world.ts";
import { median } from "./median.ts";

const CLUSTER = "hop";
const CLIENT = `${CLUSTER}-pgbench`;
const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 8);

/** What clients do. */
const loads = {
  "read, 8 sessions": ["--select-only", "--client=8", "--jobs=2", "--protocol=prepared"],
  "read, 1 session": ["--select-only", "--client=1", "--protocol=prepared"],
  "write, 8 sessions": ["--client=8", "--jobs=2", "--protocol=prepared", "--no-vacuum"],
  "connect each time": ["--select-only", "--client=4", "--jobs=2", "--connect"],
} as const;

/** Where the client has the authority that servers are checked with. */
const CA_FILE = "/tmp/ca.crt";

interface Way {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly login: Login;
}

interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

interface Result {
  readonly tps: number;
  readonly latencyMs: number;
}

const world = await makeWorld(CLUSTER, { name: CLUSTER, endpoint: { pooled: true } });
try {
  await world.run("up");
  const cluster = await liveCluster(world);
  const leader = await cluster.leader();
  await startClient(leader, await world.pulumi("stack", "output", "ca"));
  const ways = await waysTo(cluster);
  const [direct] = ways;
  if (direct === undefined) throw new Error("nobody leads");
  await pgbench(direct, ["--initialize", "--scale=10", "--quiet"]);
  for (const [load, options] of Object.entries(loads)) report(load, await measure(ways, options));
} finally {
  await execa("docker", ["rm", "--force", "--volumes", CLIENT], { reject: false });
  await world.dispose();
}

/** In the image that the members have, and on their network. */
async function startClient(leader: string, ca: string): Promise<void> {
  const image = (await execa("docker", ["inspect", "--format", "{{.Image}}", leader])).stdout;
  const options = ["--detach", "--rm", "--name", CLIENT, "--network", CLUSTER, "--entrypoint", "sleep"];
  await execa("docker", ["run", ...options, image, "infinity"]);
  await execa("docker", ["exec", "--interactive", CLIENT, "tee", CA_FILE], { input: ca });
}

async function waysTo(cluster: LiveCluster): Promise<readonly Way[]> {
  const { host, port, user, password, database } = cluster.endpoint;
  if (user === undefined || typeof password !== "string" || database === undefined) {
    throw new Error("the application has no login");
  }
  const login = { user, password, database };
  const address = await evaluate(cluster.endpoint, "host(inet_server_addr())");
  return [
    { name: "direct", host: address, port: 5432, login },
    { name: "HAProxy", host, port, login },
    { name: "PgBouncer", host, port: 6432, login },
  ];
}

async function measure(
  ways: readonly Way[],
  options: readonly string[],
): Promise<ReadonlyMap<string, readonly Result[]>> {
  const results = new Map<string, Result[]>(ways.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Another one begins each time: what comes after a checkpoint is not always the same way.
    for (const offset of ways.keys()) {
      const way = ways[(round + offset) % ways.length];
      if (way === undefined) continue;
      const printed = await pgbench(way, [...options, `--time=${seconds}`]);
      results.get(way.name)?.push(read(printed));
    }
  }
  return results;
}

/** The password is in the environment, never among the arguments. */
async function pgbench({ host, port, login }: Way, options: readonly string[]): Promise<string> {
  const { user, password, database } = login;
  const env = { PGPASSWORD: password, PGSSLMODE: "verify-full", PGSSLROOTCERT: CA_FILE };
  const passed = Object.keys(env).flatMap((name) => ["--env", name]);
  const where = [`--host=${host}`, `--port=${port}`, `--username=${user}`];
  const { stdout } = await execa(
    "docker",
    ["exec", ...passed, CLIENT, "pgbench", ...where, ...options, database],
    { env },
  );
  return stdout;
}

function read(printed: string): Result {
  const tps = /^tps = ([\d.]+)/m.exec(printed)?.[1];
  const latency = /^latency average = ([\d.]+) ms/m.exec(printed)?.[1];
  if (tps === undefined || latency === undefined) throw new Error(`pgbench printed no figures:\n${printed}`);
  return { tps: Number(tps), latencyMs: Number(latency) };
}

function report(load: string, results: ReadonlyMap<string, readonly Result[]>): void {
  console.log(`\n${load} (${rounds} rounds of ${seconds} s)`);
  const base = median((results.get("direct") ?? []).map(({ tps }) => tps));
  for (const [way, all] of results) {
    const [tps, latency] = [all.map((one) => one.tps), all.map(({ latencyMs }) => latencyMs)];
    console.log(
      `  ${way.padEnd(10)} ${median(tps).toFixed(0).padStart(6)} tps (worst ${Math.min(...tps).toFixed(0)}), ` +
        `${median(latency).toFixed(2)} ms (worst ${Math.max(...latency).toFixed(2)}), ` +
        `${((100 * median(tps)) / base).toFixed(0)} % of direct`,
    );
  }
}
