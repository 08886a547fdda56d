import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { markerOn } from "../../actions/engine/marker.ts";
import { root } from "../../toolchain/paths.ts";
import { type Prepared, prepare } from "../../toolchain/prepare.ts";
import { type Consumer, makeConsumer } from "../packed.ts";
import { describeChange, otherImage, removeOtherImages, seenThrough } from "./changes.ts";
import { containerIds, everythingOf } from "./engine.ts";
import type { Stack } from "./world.ts";

/** A project that has installed the package, compiled its program, and runs it by plain Node. */
const STACK = "consumer";
const SUITE = "consumer-suite";
const OTHER = "other";
const MINUTE = 60_000;

let prepared: Prepared;
let consumer: Consumer;
let world: Stack;

/** What the program declares beyond what it says by itself. */
let declared: { ttl: string; owner: string; image?: string } = { ttl: "1h", owner: "team a" };

beforeAll(async () => {
  prepared = await prepare();
  consumer = await makeConsumer(join(root, "test", "live", "consumer"));
  await consumer.run("tsc");
  await mkdir(join(consumer.folder, "state"));
  world = {
    stack: STACK,
    pulumi: async (...args) =>
      (await inConsumer("pulumi", [...args, "--stack", STACK, "--non-interactive"])).all,
  };
  await world.pulumi("stack", "init");
}, 8 * MINUTE);

afterAll(async () => {
  await world.pulumi("destroy", "--yes", "--skip-preview");
  await removeOtherImages({ stack: STACK }, [OTHER]);
  await consumer.dispose();
}, 3 * MINUTE);

it("brings a cluster up from a program of its own, and spiloctl finds it", {
  timeout: 5 * MINUTE,
}, async () => {
  await world.pulumi("up", "--yes", "--skip-preview");
  const { stdout } = await inConsumer("spiloctl", ["status", "--stack", STACK, "--json"]);
  const { haState, members } = JSON.parse(stdout);
  expect(haState).toBe("Healthy");
  expect(members).toHaveLength(3);
  await world.pulumi("preview", "--expect-no-changes");
});

it("has no part made anew by another ttl and another owner", { timeout: 2 * MINUTE }, async () => {
  const before = await idsOfState();
  const containers = await containerIds(STACK);
  declared = { ...declared, ttl: "3h", owner: "team b" };
  await world.pulumi("up", "--yes", "--skip-preview");
  expect(await idsOfState()).toEqual(before);
  expect(await containerIds(STACK)).toEqual(containers);
  const { incarnation } = JSON.parse(await world.pulumi("stack", "output", "--json"));
  const of = { project: "shop", stack: STACK, cluster: STACK, incarnation };
  expect(await markerOn({ engine: "unix:///var/run/docker.sock" }, of)).toMatchObject({
    owner: "team b",
    ttlSeconds: 3 * 3600,
  });
});

it("takes the standbys first and who leads last, for another image", { timeout: 5 * MINUTE }, async () => {
  declared = { ...declared, image: await otherImage(world, OTHER) };
  const seen = await seenThrough(world, { cause: async () => undefined });
  console.log(describeChange("another image, from a program of somebody else's", seen));
  expect(seen.replaced).toHaveLength(3);
  expect(seen.replaced.at(-1)).toBe(seen.leaderBefore);
  expect(seen.promotions).toBe(1);
  expect(seen.missing).toEqual([]);
});

it("has a cluster for a test suite, which is taken away when the suite fails", {
  timeout: 4 * MINUTE,
}, async () => {
  const suite = startSuite("fail");
  const { exitCode, stdout, stderr } = await suite;
  expect(JSON.parse(stdout)).toMatchObject({ haState: "NotEnabled" });
  expect(stderr).toContain("the suite has failed");
  expect(exitCode).toBe(1);
  expect(await everythingOf(SUITE)).toEqual([]);
});

it("has a cluster for a test suite, which is taken away when the suite is interrupted", {
  timeout: 4 * MINUTE,
}, async () => {
  const suite = startSuite("wait");
  const { uri, caFile } = await firstLine(suite);
  const client = new pg.Client(uri);
  await client.connect();
  expect((await client.query("select current_database() as name")).rows).toEqual([{ name: "app" }]);
  await client.end();
  suite.kill("SIGINT");
  expect((await suite).signal).toBe("SIGINT");
  expect(await everythingOf(SUITE)).toEqual([]);
  expect(existsSync(caFile)).toBe(false);
});

/** The suite's own program, in which a test has a cluster of its own. */
function startSuite(work: "fail" | "wait") {
  const suite = { images: prepared.images, name: SUITE, work };
  const { PULUMI_HOME = "" } = prepared.env;
  return execa(process.execPath, ["built/suite.js"], {
    cwd: consumer.folder,
    env: { PULUMI_HOME, SUITE: JSON.stringify(suite) },
    reject: false,
  });
}

async function firstLine(suite: ReturnType<typeof startSuite>): Promise<{ uri: string; caFile: string }> {
  const given = z.object({ uri: z.string(), caFile: z.string() });
  // Not by the suite's own iterator, which would wait for its end.
  const lines = createInterface({ input: suite.stdout });
  const said = await Promise.race([
    once(lines, "line").then(([line]: string[]) => line),
    suite.then(() => undefined),
  ]);
  if (said === undefined) throw new Error(`the suite has said nothing: ${(await suite).stderr}`);
  return given.parse(JSON.parse(said));
}

/** The ids of all resources, but for what each update counts. */
async function idsOfState(): Promise<Readonly<Record<string, string>>> {
  const exported = z.object({
    deployment: z.object({ resources: z.array(z.object({ urn: z.string(), id: z.string().default("") })) }),
  });
  const { deployment } = exported.parse(JSON.parse(await world.pulumi("stack", "export")));
  return Object.fromEntries(deployment.resources.map(({ urn, id }) => [urn, id]));
}

/** A program of the consumer's, with a state of its own. */
async function inConsumer(program: string, args: readonly string[]) {
  const { folder } = consumer;
  const env = {
    ...prepared.env,
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "consumer",
    DECLARED: JSON.stringify({ images: prepared.images, ...declared }),
  };
  return await execa(program, args, { cwd: folder, env, preferLocal: true, localDir: folder, all: true });
}
