import { execa } from "execa";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { waitFor } from "../../actions/wait.ts";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { containerIds, signalTo } from "./engine.ts";
import { spiloctl, startSpiloctl } from "./spiloctl.ts";
import { makeWorld, type World } from "./world.ts";
import { writeAlone } from "./write-alone.ts";
import { startWriter } from "./writer.ts";

/** What an operator does to one cluster, verb by verb. Each step builds on the one before. */
const CLUSTER = "act";
const MINUTE = 60_000;

let world: World;
let cluster: LiveCluster;

beforeAll(async () => {
  world = await makeWorld(CLUSTER, {
    name: CLUSTER,
    endpoint: { pooled: true },
    recovery: { objective: "fast" },
  });
  await world.run("up");
  cluster = await liveCluster(world);
}, 4 * MINUTE);

afterAll(async () => {
  await world.dispose();
}, 3 * MINUTE);

it("status tells what patronictl and the server tell", { timeout: MINUTE }, async () => {
  const { exitCode, report } = await spiloctl(world, "status");
  expect(exitCode).toBe(0);
  expect(report.haState).toBe("Healthy");
  const listed = await patronictl();
  const told = report.members.map((member: Record<string, unknown>) => ({
    name: member["name"],
    state: member["state"],
    timeline: member["timeline"],
  }));
  expect(told).toEqual(listed.map(({ Member, State, TL }) => ({ name: Member, state: State, timeline: TL })));
  const slots = "(select string_agg(slot_name, ',' order by slot_name) from pg_replication_slots)";
  const leader = await cluster.leader();
  const direct = cluster.direct[Number(leader.at(-1)) - 1] ?? {};
  expect(report.slots.map(({ name }: { name: string }) => name).join()).toBe(await evaluate(direct, slots));
});

it("a refusal names the reason and changes nothing", { timeout: 2 * MINUTE }, async () => {
  const leader = await cluster.leader();
  const before = await standing();
  for (const [args, exitCode, reason] of [
    [["switchover", "--to", "act-9"], 3, /act-9/],
    [["switchover", "--at", "2020-01-01T00:00:00Z"], 3, /past|future/],
    [["failover"], 3, /--force/],
    [["reinit", leader], 3, /leads/],
    [["reinit", "act-9"], 3, /act-9/],
    [["restart", "act-9"], 3, /act-9/],
    [["switchover", "--to", leader], 0, /already/],
    [["resume"], 0, /already/],
    [["start"], 0, /already/],
  ] as const) {
    const told = await spiloctl(world, ...args);
    expect(`${args.join(" ")}: ${told.exitCode}`).toBe(`${args.join(" ")}: ${exitCode}`);
    expect(JSON.stringify(told.report)).toMatch(reason);
  }
  expect(await standing()).toEqual(before);
});

it("switchover hands over under load: pooled clients see no error, and no row is lost", {
  timeout: 2 * MINUTE,
}, async () => {
  await cluster.inSync(2);
  const old = await cluster.leader();
  const pooled = await startWriter(pool());
  const plain = await startWriter(cluster.endpoint);
  await Promise.all([pooled.writes(50, 20_000), plain.writes(50, 20_000)]);
  const { exitCode, report } = await spiloctl(world, "switchover");
  expect(exitCode).toBe(0);
  const { exitCode: health, report: right } = await spiloctl(world, "status");
  expect({ health, haState: right.haState, degraded: right.degraded, unknown: right.unknown }).toEqual({
    health: 0,
    haState: "Healthy",
    degraded: [],
    unknown: [],
  });
  await Promise.all([pooled.writes(50, 20_000), plain.writes(50, 20_000)]);
  const [waited, cut] = [await pooled.stop(), await plain.stop()];
  console.log(
    `switchover: longest write gap ${seconds(cut.longestGapMs)} through the endpoint, ${seconds(waited.longestGapMs)} pooled (${waited.failures} failed), told ${JSON.stringify(report.outage)}`,
  );
  expect([...waited.missing, ...cut.missing]).toEqual([]);
  expect(waited.failures).toBe(0);
  expect(report.from).toBe(old);
  expect(await cluster.leader()).toBe(report.to);
  expect(report.rejoined).toBeDefined();
  await cluster.inSync(2);
});

it("a switchover is scheduled, listed, and taken back", { timeout: MINUTE }, async () => {
  const at = new Date(Date.now() + 3_600_000).toISOString();
  expect((await spiloctl(world, "switchover", "--at", at)).exitCode).toBe(0);
  const listed = await spiloctl(world, "switchover", "--list");
  expect(JSON.stringify(listed.report)).toContain(at.slice(0, 16));
  expect((await spiloctl(world, "switchover")).exitCode, "another one is refused").toBe(3);
  expect((await spiloctl(world, "switchover", "--cancel")).exitCode).toBe(0);
  expect(JSON.stringify((await spiloctl(world, "switchover", "--list")).report)).not.toContain(
    at.slice(0, 16),
  );
});

it("while Patroni is paused nothing is switched over", { timeout: MINUTE }, async () => {
  expect((await spiloctl(world, "pause")).exitCode).toBe(0);
  expect((await cluster.view()).pause).toBe(true);
  const refused = await spiloctl(world, "switchover");
  expect(refused.exitCode).toBe(3);
  expect(JSON.stringify(refused.report)).toMatch(/pause/);
  expect((await spiloctl(world, "resume")).exitCode).toBe(0);
  expect((await cluster.view()).pause ?? false).toBe(false);
});

it("restart takes the standbys first and the leader last", { timeout: 2 * MINUTE }, async () => {
  await cluster.inSync(2);
  const leader = await cluster.leader();
  expect((await spiloctl(world, "restart", "--pending")).exitCode).toBe(0);
  const before = await startTimes();
  expect((await spiloctl(world, "restart")).exitCode).toBe(0);
  const after = await startTimes();
  expect(after.filter((time, index) => time === before[index])).toEqual([]);
  const last = after.indexOf([...after].sort().at(-1) ?? "");
  expect(`${CLUSTER}-${last + 1}`).toBe(leader);
  await cluster.inSync(2);
});

it("reinit copies a standby anew", { timeout: 2 * MINUTE }, async () => {
  const standby = await someStandby();
  const { exitCode, report } = await spiloctl(world, "reinit", standby);
  expect({ exitCode, report }).toMatchObject({ exitCode: 0 });
  await cluster.inSync(2);
});

it("stop ends PostgreSQL and leaves the containers; `up` then replaces no member until start; no row is lost", {
  timeout: 4 * MINUTE,
}, async () => {
  const ids = await containerIds(CLUSTER);
  const leader = await cluster.leader();
  const writer = await startWriter(cluster.endpoint);
  onTestFinished(async () => void (await writer.stop().catch(() => undefined)));
  await writer.writes(50, 20_000);
  const { exitCode, report } = await spiloctl(world, "stop");
  expect(exitCode).toBe(0);
  expect(report.members.at(-1)).toMatchObject({ member: leader, outcome: "stopped" });
  // A member tells of settings what it has seen last.
  await waitFor({ what: "settings are as declared", deadlineMs: 20_000 }, async () => {
    const config = await patroniClient(cluster.patroni).config(cluster.restUrls[0] ?? "");
    return config["synchronous_mode_strict"] === false ? { found: config } : { pending: "strict" };
  });
  expect((await spiloctl(world, "stop")).exitCode, "already so").toBe(0);
  expect((await spiloctl(world, "status")).exitCode).toBeGreaterThan(3);
  await world.specify(["resources", "memory"], "1900MB");
  const refused = await world
    .pulumi("up", "--yes", "--skip-preview")
    .catch((error: { all?: string }) => error.all ?? "");
  expect(refused).toMatch(/spiloctl start/);
  expect(await containerIds(CLUSTER)).toEqual(ids);
  await world.specify(["resources", "memory"], undefined);
  expect((await spiloctl(world, "start")).exitCode).toBe(0);
  await cluster.inSync(2);
  await writer.writes(50, 30_000);
  expect((await writer.stop()).missing).toEqual([]);
  await world.pulumi("up", "--yes", "--skip-preview");
  expect(await containerIds(CLUSTER)).toEqual(ids);
});

it("failover --force kills the leader, and nothing is lost", { timeout: 3 * MINUTE }, async () => {
  await cluster.inSync(2);
  const old = await cluster.leader();
  const writer = await startWriter(cluster.endpoint);
  await writer.writes(50, 20_000);
  const { exitCode, report } = await spiloctl(world, "failover", "--force");
  await writer.writes(50, 20_000);
  const { missing, longestGapMs } = await writer.stop();
  console.log(`drill: longest write gap ${seconds(longestGapMs)}, told ${JSON.stringify(report?.outage)}`);
  expect(exitCode).toBe(0);
  expect(missing).toEqual([]);
  expect(await cluster.leader()).not.toBe(old);
  await cluster.inSync(2);
});

it("a former leader that cannot be rewound is copied afresh, and the report of the failover says so", {
  timeout: 4 * MINUTE,
}, async () => {
  await cluster.inSync(2);
  const old = await cluster.leader();
  await inside(old, "mv /usr/lib/postgresql/17/bin/pg_rewind /tmp/");
  // What it writes from now on, nobody else has.
  await signalTo(old, /\bwalsender\b/, "SIGSTOP");
  await writeAlone(cluster, old);
  const { exitCode, report } = await spiloctl(world, "failover", "--force", "--accept-data-loss");
  await inside(old, "mv /tmp/pg_rewind /usr/lib/postgresql/17/bin/");
  expect({ exitCode, report }).toMatchObject({ exitCode: 0, report: { rejoined: { how: "fresh copy" } } });
  await cluster.inSync(2);
  const writtenAlone = "select count(*) from pg_class where relname = 'written_alone'";
  expect(await cluster.onEach(writtenAlone)).toEqual(["0", "0", "0"]);
});

it.each([
  ["has a lease of the pools", isLeased],
  ["has paused the pools", isPaused],
] as const)(
  "a switchover whose command is killed once it %s leaves no client waiting for more than 20 s",
  {
    timeout: 2 * MINUTE,
  },
  async (what, reached) => {
    await cluster.inSync(2);
    const writer = await startWriter(pool());
    await writer.writes(50, 20_000);
    const since = new Date().toISOString();
    const started = startSpiloctl(world, "switchover");
    await waitFor({ what: `the command ${what}`, deadlineMs: 30_000, everyMs: 20 }, async () =>
      (await reached(since)) ? { found: true } : { pending: "not yet" },
    );
    await started.kill();
    await writer.writes(50, 30_000);
    const { missing, longestGapMs } = await writer.stop();
    console.log(`killed once it ${what}: longest write gap ${seconds(longestGapMs)} pooled`);
    expect(missing).toEqual([]);
    // Twelve by the lease; the rest is for a machine with other work.
    expect(longestGapMs).toBeLessThan(20_000);
    await cluster.inSync(2);
  },
);

it("maintain restarts what waits for it, the leader last, and only when it may", {
  timeout: 2 * MINUTE,
}, async () => {
  const leader = await cluster.leader();
  const parameters = { max_locks_per_transaction: 80 };
  await patroniClient(cluster.patroni).patchConfig(cluster.restUrls[0] ?? "", { postgresql: { parameters } });
  await waitFor({ what: "all members wait for a restart", deadlineMs: 30_000 }, async () => {
    const { report } = await spiloctl(world, "maintain", "--dry-run");
    return report.pending.length === 3 ? { found: report } : { pending: `${report.pending.length} do` };
  });
  expect(await cluster.onEach("current_setting('max_locks_per_transaction')")).toEqual(["64", "64", "64"]);
  const { exitCode, report } = await spiloctl(world, "maintain", "--now");
  expect({ exitCode, waiting: report.waiting }).toEqual({ exitCode: 0, waiting: [] });
  const restarted: string[] = report.restarted.map(({ member }: { member: string }) => member);
  expect(restarted).toHaveLength(3);
  expect(restarted.at(-1)).toBe(leader);
  expect(await cluster.onEach("current_setting('max_locks_per_transaction')")).toEqual(["80", "80", "80"]);
  await cluster.inSync(2);
});

it("history tells who led when, and what it cost", { timeout: MINUTE }, async () => {
  const { exitCode, report } = await spiloctl(world, "history", "--limit", "50");
  expect(exitCode).toBe(0);
  const kinds: string[] = report.events.map(({ kind }: { kind: string }) => kind);
  const verbs = ["switchover", "pause", "resume", "restart", "reinit", "stop", "start", "failover"];
  expect(kinds).toEqual(expect.arrayContaining(verbs));
});

async function isLeased(): Promise<boolean> {
  const test = ["exec", `${CLUSTER}-proxy-1`, "test", "-e", "/run/pgbouncer/lease"];
  return (await execa("docker", test, { reject: false })).exitCode === 0;
}

/** PgBouncer says when it has been told to. */
async function isPaused(since: string): Promise<boolean> {
  const { all } = await execa("docker", ["logs", "--since", since, `${CLUSTER}-proxy-1`], { all: true });
  return /PAUSE command issued/.test(all);
}

async function inside(member: string, command: string): Promise<void> {
  await execa("docker", ["exec", member, "sh", "-c", command]);
}

/** Clients of the pool wait as long as it holds them: for them, that is no failure. */
function pool() {
  return { ...cluster.endpoint, port: 6432, query_timeout: 20_000 };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

interface Listed {
  readonly Member: string;
  readonly State: string;
  readonly TL: number;
}

async function patronictl(): Promise<readonly Listed[]> {
  const list = ["patronictl", "-c", "/run/postgres.yml", "list", "-f", "json"];
  const { stdout } = await execa("docker", ["exec", "-u", "postgres", `${CLUSTER}-1`, ...list]);
  return JSON.parse(stdout);
}

/** What a refused verb must leave as it is. */
async function standing(): Promise<object> {
  const view = await cluster.view();
  const { members, ...rest } = view;
  const parts = members.map(({ name, role, timeline, state }) => ({ name, role, timeline, state }));
  return { rest, parts, started: await startTimes(), ids: await containerIds(CLUSTER) };
}

async function startTimes(): Promise<string[]> {
  return await cluster.onEach("extract(epoch from pg_postmaster_start_time())");
}

async function someStandby(): Promise<string> {
  const leader = await cluster.leader();
  return `${CLUSTER}-${leader.endsWith("-1") ? 2 : 1}`;
}
