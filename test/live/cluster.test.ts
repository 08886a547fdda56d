import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LiveCluster, liveCluster } from "./cluster-view.ts";
import { containerAppears, containerIds, everythingOf, hostPid } from "./engine.ts";
import { makeWorld, type World } from "./world.ts";
import { startWriter } from "./writer.ts";

/**
 * The life of one cluster, in order: each step builds on the one before, so that a cluster is made only once.
 */
const CLUSTER = "live";
const MINUTE = 60_000;

let world: World;
let cluster: LiveCluster;

beforeAll(async () => {
  world = await makeWorld(CLUSTER);
});

afterAll(async () => {
  await world.dispose();
}, 3 * MINUTE);

it("takes over an `up` that was killed with everything it had started", { timeout: 4 * MINUTE }, async () => {
  const killed = world.start("up");
  await containerAppears(`${CLUSTER}-2`, 2 * MINUTE);
  await killed.kill();
  const output = await world.run("up");
  expect(output).toMatch(/proof +row written through .*:5000, read on live-\d and live-\d/);
  expect(output).toMatch(/its WAL is archived; first base backup/);
  cluster = await liveCluster(world);
});

it("changes nothing the second time, and says so", { timeout: MINUTE }, async () => {
  expect(await world.run("up")).toMatch(/0 changes \(\d+ unchanged\)/);
});

it("previews nothing, also after a refresh", { timeout: 3 * MINUTE }, async () => {
  await world.pulumi("preview", "--diff", "--expect-no-changes");
  const refreshed = await world.pulumi("preview", "--refresh", "--diff", "--expect-no-changes");
  expect(refreshed).toMatch(/unchanged/);
});

it("shows no secret in a preview that shows everything", { timeout: 3 * MINUTE }, async () => {
  const secrets = secretsIn(JSON.parse(await world.pulumi("stack", "output", "--json", "--show-secrets")));
  expect(secrets).toHaveLength(6);
  const masked = await world.pulumi("stack", "output", "--json");
  await world.specify(["image"], "pulumi-spilo/absent:1");
  const preview = await world
    .pulumi("preview", "--diff", "--json")
    .catch((error: { all?: string }) => error.all ?? "");
  await world.specify(["image"], undefined);
  expect(secrets.filter((secret) => masked.includes(secret) || preview.includes(secret))).toEqual([]);
});

it("goes on writing when the leader's processes are killed, and loses nothing", {
  timeout: 3 * MINUTE,
}, async () => {
  const pid = await hostPid(await cluster.leader());
  await underLoad("leader's process killed", async () => {
    process.kill(pid, "SIGKILL");
  });
});

it("goes on writing when the leader's container is killed, and brings it back with a refresh", {
  timeout: 4 * MINUTE,
}, async () => {
  const lost = await cluster.leader();
  await underLoad("leader's container killed", async () => {
    await execa("docker", ["kill", lost]);
  });
  expect(await cluster.leader()).not.toBe(lost);
  await world.pulumi("up", "--yes", "--skip-preview", "--refresh");
  await cluster.inSync(2);
});

it("changes max_connections up and down as one update, on every member, replacing nothing", {
  timeout: 5 * MINUTE,
}, async () => {
  await world.specify(["postgresql", "parameters", "max_connections"], 200);
  await world.pulumi("up", "--yes", "--skip-preview");
  const ids = await containerIds(CLUSTER);
  for (const value of [250, 200]) {
    await world.specify(["postgresql", "parameters", "max_connections"], value);
    const { changeSummary } = JSON.parse(await world.pulumi("preview", "--json"));
    expect(changeSummary).toEqual({ same: expect.any(Number), update: 1 });
    await world.pulumi("up", "--yes", "--skip-preview");
    expect(await cluster.onEach("current_setting('max_connections')")).toEqual([
      String(value),
      String(value),
      String(value),
    ]);
  }
  expect(await containerIds(CLUSTER)).toEqual(ids);
});

it("reloads what takes no restart", { timeout: 2 * MINUTE }, async () => {
  const started = await cluster.onEach("pg_postmaster_start_time()::text");
  await world.specify(["postgresql", "parameters", "work_mem"], "6MB");
  await world.pulumi("up", "--yes", "--skip-preview");
  expect(await cluster.onEach("current_setting('work_mem')")).toEqual(["6MB", "6MB", "6MB"]);
  expect(await cluster.onEach("pg_postmaster_start_time()::text")).toEqual(started);
});

it("removes all of it", { timeout: 3 * MINUTE }, async () => {
  await world.run("down");
  expect(await everythingOf(CLUSTER)).toEqual([]);
});

/** Writes while the fault happens; prints the gap, and asserts that no acknowledged row is missing. */
async function underLoad(fault: string, cause: () => Promise<void>): Promise<void> {
  await cluster.inSync(2);
  const writer = await startWriter(cluster.endpoint);
  await writer.writes(50, 20_000);
  await cause();
  await writer.writes(50, 90_000);
  const { acknowledged, missing, longestGapMs } = await writer.stop();
  console.log(
    `${fault}: longest write gap ${(longestGapMs / 1000).toFixed(1)} s, ${acknowledged} rows acknowledged, ${missing.length} missing`,
  );
  expect(missing).toEqual([]);
  expect(acknowledged).toBeGreaterThanOrEqual(100);
}

/** Every string that stands under a key which names a secret, and those inside connection strings. */
function secretsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(secretsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" && /^(password|secretKey|privateKey)$/.test(key) ? [inner] : secretsIn(inner),
  );
}
