import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { exitCodeOf } from "../../actions/status/degraded.ts";
import type { StatusReport } from "../../actions/status/report.ts";
import { waitFor } from "../../actions/wait.ts";
import { exitCodes } from "../../cluster/running/exit-codes.ts";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { containerIds, everythingOf } from "./engine.ts";
import { type S3Server, startS3Server } from "./s3-server.ts";
import { spiloctl } from "./spiloctl.ts";
import { connect, onSession } from "./sql.ts";
import { makeWorld, type World } from "./world.ts";
import { startWriter } from "./writer.ts";

/**
 * A table is dropped under load, and comes back in new clusters: as of a time, and up to a position. Then all that the first
 * cluster is made of goes without warning, and it comes back from the bucket; and when that is gone as well, from the second
 * bucket, at an S3 server of its own, which was away for a while before.
 */
const MINUTE = 60_000;
const archiveTimeout = "10s";
const [SOURCE, BY_TIME, BY_POSITION, BY_SECOND] = ["rest-source", "rest-time", "rest-lsn", "rest-second"];

/** Where the rows were when the last one of them was acknowledged: by the server's clock, and in the WAL. */
interface Moment {
  readonly rows: number;
  readonly time: string;
  readonly lsn: string;
}

let s3: S3Server;
let second: S3Server;
const worlds: World[] = [];
const moments: Moment[] = [];
/** When each row was acknowledged, milliseconds. */
const acknowledged: number[] = [];
let source: LiveCluster;
/** Of the source, in its first life. */
let incarnation: string;

beforeAll(async () => {
  s3 = await startS3Server("restore", 19_080);
  second = await startS3Server("second", 19_081);
  const world = await worldOf(SOURCE, { second: { ...second.backup, bucket: "copies" } });
  await world.run("up");
  source = await liveCluster(world);
  incarnation = JSON.parse(await world.pulumi("stack", "output", "incarnation", "--json"));
}, 4 * MINUTE);

afterAll(async () => {
  for (const world of worlds) await world.dispose();
  await s3?.remove();
  await second?.remove();
}, 4 * MINUTE);

it("has its backups and its WAL in the second bucket, and goes on while that is away", {
  timeout: 4 * MINUTE,
}, async () => {
  const before = await untilStatus("the second bucket has all", inStep);
  expect(before.second).toMatchObject({ count: 1, last: before.backups?.last });
  await second.stop();
  const writer = await startWriter(source.endpoint);
  await writer.writes(20, 10_000);
  const without = await untilStatus(
    "WAL is archived meanwhile",
    ({ archive, second: copied }) =>
      copied === null && (archive?.lastWal ?? "") > (before.archive?.lastWal ?? ""),
  );
  expect(without.unknown).toEqual([{ what: "the second bucket", reason: expect.stringMatching(/\w/) }]);
  expect([exitCodeOf(without), without.archive?.waiting]).toEqual([exitCodes.degraded, 0]);
  await second.start();
  const { missing } = await writer.stop();
  expect(missing).toEqual([]);
  const after = await untilStatus(
    "the second bucket has what it lacked",
    (report) => inStep(report) && (report.second?.lastWal ?? "") >= (without.archive?.lastWal ?? "?"),
  );
  expect([after.degraded, after.unknown]).toEqual([before.degraded, []]);
  const { report } = await spiloctl(worldNamed(SOURCE), "backup", "list", "--second");
  expect(report).toMatchObject({ bucket: "copies", gaps: [], backups: [before.backups?.last] });
  const { stdout: lines } = await execa("docker", ["top", `${SOURCE}-1`, "-eo", "pid,args"]);
  expect(lines).toContain("copy-archive");
  expect(lines).not.toContain(second.configuration["spilo:s3SecretKey"]);
});

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
  acknowledged.push(...(await writeUntilLost()));
  expect(await everythingOf(SOURCE)).toEqual([]);
  const again = await restoredInto(SOURCE, { latest: true });
  // A commit waits for its WAL to be archived for as long as is declared, and a moment.
  expect(await secondsLost(again)).toBeLessThan(20);
});

it("comes back from the second bucket when the first one is gone as well", {
  timeout: 4 * MINUTE,
}, async () => {
  await s3.remove();
  const backup = { ...second.backup, bucket: "copies", archiveTimeout };
  const restoreFrom = { cluster: SOURCE, incarnation, latest: true };
  const world = await makeWorld(
    BY_SECOND,
    { name: BY_SECOND, etcd: { voters: 1 }, members: 1, backup, restoreFrom },
    second.configuration,
  );
  worlds.push(world);
  await world.run("up");
  // And a moment more until it is copied.
  expect(await secondsLost(await liveCluster(world))).toBeLessThan(40);
});

/** Tells how many seconds of acknowledged rows a cluster lacks; there must be none that it lacks in between. */
async function secondsLost(again: LiveCluster): Promise<number> {
  const [last = 0, count = 0] = (
    await evaluate(again.endpoint, "(select max(n) || ' ' || count(*) from load)")
  )
    .split(" ")
    .map(Number);
  expect(last).toBeGreaterThan(0);
  expect(count).toBe(last);
  const seconds = ((acknowledged.at(-1) ?? 0) - (acknowledged[last - 1] ?? 0)) / 1000;
  console.log(`${last} of ${acknowledged.length} acknowledged rows are there: RPO ${seconds.toFixed(1)} s`);
  return seconds;
}

function inStep({ second: copied, backups }: StatusReport): boolean {
  return copied?.waiting === 0 && copied.lastWal !== null && copied.count === backups?.count;
}

async function untilStatus(what: string, isSo: (report: StatusReport) => boolean): Promise<StatusReport> {
  return await waitFor({ what, deadlineMs: 2 * MINUTE, everyMs: 1000 }, async () => {
    const { report } = await spiloctl(worldNamed(SOURCE), "status");
    const { degraded, unknown, archive, second: copied } = report;
    return isSo(report)
      ? { found: report }
      : { pending: JSON.stringify({ degraded, unknown, archive, copied }) };
  });
}

/** @param more of its backup. */
async function worldOf(stack: string, more: object, declared: object = {}): Promise<World> {
  const backup = { ...s3.backup, bucket: "archives", archiveTimeout, ...more };
  const { "spilo:s3AccessKey": accessKey, "spilo:s3SecretKey": secretKey } = second.configuration;
  const world = await makeWorld(
    stack,
    { name: stack, etcd: { voters: 1 }, members: 1, backup, ...declared },
    { ...s3.configuration, "spilo:secondAccessKey": accessKey, "spilo:secondSecretKey": secretKey },
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
  const world = await worldOf(stack, {}, { members, restoreFrom: { cluster: SOURCE, ...target } });
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
  const times: number[] = [];
  const writing = onSession({ ...source.endpoint, query_timeout: 3000 }, async (client) => {
    for (;;) {
      await client.query("insert into load values ($1)", [times.length + 1]);
      times.push(Date.now());
    }
  }).catch(() => undefined);
  await pause(25_000);
  const [world] = worlds.splice(0, 1);
  await destroyAllOf(SOURCE);
  await rm(world?.directory ?? "", { recursive: true });
  // Nobody tells it that its server is gone.
  await Promise.race([writing, pause(5_000)]);
  return times;
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
