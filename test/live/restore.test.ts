import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { containerIds, everythingOf } from "./engine.ts";
import { type S3Server, startS3Server } from "./s3-server.ts";
import { spiloctl } from "./spiloctl.ts";
import { connect, onSession } from "./sql.ts";
import { makeWorld, type World } from "./world.ts";

/**
 * A table is dropped under load, and comes back in new clusters: as of a time, and up to a position. Then all that the first
 * cluster is made of goes without warning, and it comes back from the bucket.
 */
const MINUTE = 60_000;
const archiveTimeout = "10s";
const [SOURCE, BY_TIME, BY_POSITION] = ["rest-source", "rest-time", "rest-lsn"];

/** Where the rows were when the last one of them was acknowledged: by the server's clock, and in the WAL. */
interface Moment {
  readonly rows: number;
  readonly time: string;
  readonly lsn: string;
}

let s3: S3Server;
const worlds: World[] = [];
const moments: Moment[] = [];
let source: LiveCluster;

beforeAll(async () => {
  s3 = await startS3Server("restore", 19_080);
  const world = await worldOf(SOURCE);
  await world.run("up");
  source = await liveCluster(world);
}, 4 * MINUTE);

afterAll(async () => {
  for (const world of worlds) await world.dispose();
  await s3?.remove();
}, 4 * MINUTE);

it("has exactly the rows of a time and of a position, from before a table was dropped under load", {
  timeout: 6 * MINUTE,
}, async () => {
  moments.push(...(await dropUnderLoad()));
  const [early, late] = moments;
  const asked = ["--name", BY_TIME, "--to-time", early?.time ?? ""];
  const { exitCode, report } = await spiloctl(worldNamed(SOURCE), "restore", ...asked);
  expect({ exitCode, report }).toMatchObject({ exitCode: 0, report: { sourceLives: true } });
  const { restoreFrom } = parse(report.configuration).config["spilo:cluster"];
  expect(restoreFrom).toMatchObject({ cluster: SOURCE, bucket: "archives" });
  const [byPosition, byTime] = await Promise.all([
    restoredInto(BY_POSITION, { lsn: late?.lsn }, 2),
    restoredInto(BY_TIME, restoreFrom),
  ]);
  expect(await rowsIn(byTime)).toBe(`1 ${early?.rows} ${early?.rows}`);
  expect(await rowsIn(byPosition)).toBe(`1 ${late?.rows} ${late?.rows}`);
  await byPosition.inSync(1);
});

it("lets in by its own passwords, and not by those of the cluster that was archived", async () => {
  const restored = await liveCluster(worldNamed(BY_TIME));
  const { user, password } = source.endpoint;
  await expect(connect({ ...restored.endpoint, user, password })).rejects.toThrow(
    "password authentication failed",
  );
  const [before, now] = [await loginsOf(SOURCE), await loginsOf(BY_TIME)];
  expect([...now.keys()]).toEqual(["app_1", "operator_1", "postgres", "rewind_1", "standby_1"]);
  expect([...now].filter(([login, verifier]) => before.get(login) === verifier)).toEqual([]);
});

it("refuses a time that the archive does not reach, with the window", async () => {
  const tomorrow = new Date(Date.now() + 24 * 60 * MINUTE).toISOString();
  const asked = ["--name", "rest-never", "--to-time", tomorrow];
  const { exitCode, report } = await spiloctl(worldNamed(SOURCE), "restore", ...asked);
  expect(exitCode).toBe(3);
  expect(report.error.message).toMatch(/cannot be restored as of .*reaches from 20.* to 20/);
});

it("grows to three members, which stream, and forgets what it was made from without replacing one", {
  timeout: 4 * MINUTE,
}, async () => {
  const world = worldNamed(BY_TIME);
  await world.specify(["restoreFrom", "time"], moments[1]?.time);
  await expect(world.pulumi("preview")).rejects.toThrow(/restoreFrom: must stay rest-source, .*as of/);
  const before = await containerIds(BY_TIME);
  await world.specify(["restoreFrom"], undefined);
  await world.specify(["members"], 3);
  await world.run("up");
  expect(await containerIds(BY_TIME)).toMatchObject(before);
  const grown = await liveCluster(world);
  await grown.inSync(2);
  expect(await grown.onEach("(select count(*) from kept)")).toEqual(Array(3).fill(String(moments[0]?.rows)));
});

it("comes back under its own name from the bucket alone, when all of it is gone without warning", {
  timeout: 5 * MINUTE,
}, async () => {
  const acknowledged = await writeUntilLost();
  expect(await everythingOf(SOURCE)).toEqual([]);
  const again = await restoredInto(SOURCE, { latest: true });
  const [last = 0, count = 0] = (
    await evaluate(again.endpoint, "(select max(n) || ' ' || count(*) from load)")
  )
    .split(" ")
    .map(Number);
  expect(last).toBeGreaterThan(0);
  expect(count).toBe(last);
  const seconds = ((acknowledged.at(-1) ?? 0) - (acknowledged[last - 1] ?? 0)) / 1000;
  console.log(`${last} of ${acknowledged.length} acknowledged rows are there: RPO ${seconds.toFixed(1)} s`);
  // A commit waits for its WAL to be archived for as long as is declared, and a moment.
  expect(seconds).toBeLessThan(20);
});

async function worldOf(stack: string, restoreFrom?: object, members = 1): Promise<World> {
  const backup = { ...s3.backup, bucket: "archives", archiveTimeout };
  const origin = restoreFrom === undefined ? {} : { restoreFrom };
  const world = await makeWorld(
    stack,
    { name: stack, etcd: { voters: 1 }, members, backup, ...origin },
    s3.configuration,
  );
  worlds.push(world);
  return world;
}

function worldNamed(stack: string): World {
  const world = worlds.findLast((one) => one.stack === stack);
  if (world === undefined) throw new Error(`there is no world ${stack}`);
  return world;
}

async function restoredInto(stack: string, target: object, members = 1): Promise<LiveCluster> {
  const world = await worldOf(stack, { cluster: SOURCE, ...target }, members);
  await world.run("up");
  return liveCluster(world);
}

/** The numbers of the rows: the first, the last, and how many. */
function rowsIn({ endpoint }: LiveCluster): Promise<string> {
  return evaluate(endpoint, "(select min(n) || ' ' || max(n) || ' ' || count(*) from kept)");
}

/** Who may log in, and the verifier of each password. */
async function loginsOf(cluster: string): Promise<ReadonlyMap<string, string>> {
  const query = "select rolname, coalesce(rolpassword, '') from pg_authid where rolcanlogin order by 1";
  const psql = ["exec", "-u", "postgres", `${cluster}-1`, "psql", "-XAtc", query];
  const { stdout } = await execa("docker", psql);
  return new Map(stdout.split("\n").map((row) => [row.split("|")[0] ?? "", row]));
}

/** Rows one after the other, while another session writes as well; a moment is noted twice; then the table is dropped. */
async function dropUnderLoad(): Promise<readonly Moment[]> {
  await onSession(source.endpoint, (client) =>
    client.query("create table kept (n int primary key); create table load (n int primary key)"),
  );
  let goesOn = true;
  const load = onSession(source.endpoint, async (client) => {
    for (let n = -1; goesOn; n -= 1) await client.query("insert into load values ($1)", [n]);
  });
  const found = await onSession(source.endpoint, async (client) => {
    const noted: Moment[] = [];
    for (let n = 1; n <= 300; n += 1) {
      await client.query("insert into kept values ($1)", [n]);
      if (n % 100 > 0 || n === 300) continue;
      const where = "select clock_timestamp()::text as time, pg_current_wal_insert_lsn()::text as lsn";
      const { rows } = await client.query(where);
      noted.push({ rows: n, ...rows[0] });
    }
    await client.query("drop table kept");
    return noted;
  });
  goesOn = false;
  await load;
  await onSession(source.endpoint, (client) => client.query("truncate load"));
  return found;
}

/**
 * Writes until somebody takes away all that the source is made of: containers, volumes, network, and what the stack knows.
 *
 * @returns when each row was acknowledged, milliseconds.
 */
async function writeUntilLost(): Promise<readonly number[]> {
  const acknowledged: number[] = [];
  const writing = onSession({ ...source.endpoint, query_timeout: 3000 }, async (client) => {
    for (;;) {
      await client.query("insert into load values ($1)", [acknowledged.length + 1]);
      acknowledged.push(Date.now());
    }
  }).catch(() => undefined);
  await pause(25_000);
  const [world] = worlds.splice(0, 1);
  await destroyAllOf(SOURCE);
  await rm(world?.directory ?? "", { recursive: true });
  // Nobody tells it that its server is gone.
  await Promise.race([writing, pause(5_000)]);
  return acknowledged;
}

async function destroyAllOf(cluster: string): Promise<void> {
  const label = ["--filter", `label=pulumi-spilo.cluster=${cluster}`];
  for (const [listing, removal] of [
    [
      ["ps", "-aq"],
      ["rm", "--force"],
    ],
    [
      ["volume", "ls", "-q"],
      ["volume", "rm"],
    ],
    [
      ["network", "ls", "-q"],
      ["network", "rm"],
    ],
  ] as const) {
    const { stdout } = await execa("docker", [...listing, ...label]);
    await execa("docker", [...removal, ...stdout.split("\n")]);
  }
}
