import { Agent } from "node:https";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ClusterHandle, clusterHandle } from "../../actions/handle.ts";
import { objectStore } from "../../actions/object-store.ts";
import { parseStackOutputs } from "../../actions/stack-outputs.ts";
import { exitCodeOf } from "../../actions/status/degraded.ts";
import type { StatusReport } from "../../actions/status/report.ts";
import { status } from "../../actions/verbs/status.ts";
import { waitFor } from "../../actions/wait.ts";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { everythingOf } from "./engine.ts";
import { watchProcesses } from "./listing.ts";
import { spiloctl, startSpiloctl } from "./spiloctl.ts";
import { makeWorld, type World } from "./world.ts";
import { startWriter } from "./writer.ts";

/** One member and its archive: base backups made, listed and restored on trial, one damaged, and no S3 server for a while. */
const CLUSTER = "archive";
const MEMBER = `${CLUSTER}-1`;
const MINUTE = 60_000;

let world: World;
let cluster: LiveCluster;
let handle: ClusterHandle;
/** In the order in which they were made. */
let backups: readonly string[];

beforeAll(async () => {
  const backup = { archiveTimeout: "10s" };
  world = await makeWorld(CLUSTER, { name: CLUSTER, members: 1, etcd: { voters: 1 }, backup });
  await world.run("up");
  cluster = await liveCluster(world);
  const outputs = JSON.parse(await world.pulumi("stack", "output", "--json", "--show-secrets"));
  handle = clusterHandle(parseStackOutputs(CLUSTER, outputs));
}, 4 * MINUTE);

afterAll(async () => {
  await world.dispose();
}, 3 * MINUTE);

it("a backup is made when it is asked for, and listed beside the first one", {
  timeout: 2 * MINUTE,
}, async () => {
  const made = await spiloctl(world, "backup", "now");
  expect(made).toMatchObject({ exitCode: 0, report: { member: MEMBER, backup: { timeline: 1 } } });
  const { exitCode, report } = await spiloctl(world, "backup", "list", "--all");
  expect(exitCode).toBe(0);
  backups = report.backups.map(({ name }: { name: string }) => name);
  expect(backups).toEqual([expect.any(String), made.report.backup.name]);
  expect(report.backups[1]).toEqual(made.report.backup);
  expect(report.window.from).toBe(report.backups[0].at);
  expect(report.window.to >= report.backups[1].at).toBe(true);
  expect(report.others).toEqual([]);
});

it("one is restored on trial, which leaves nothing and shows no key", { timeout: 2 * MINUTE }, async () => {
  const before = await everythingOf(CLUSTER);
  const processes = watchProcesses();
  const verifying = spiloctl(world, "backup", "verify", backups[0] ?? "");
  const { stdout: inspected } = await execa("docker", ["inspect", await trial()]);
  const { exitCode, report, said } = await verifying;
  const lines = await processes.stop();
  expect([exitCode, report, said]).toEqual([
    0,
    expect.objectContaining({ good: true, problem: null, member: MEMBER, checksums: true }),
    expect.any(String),
  ]);
  expect(report.databases).toEqual(expect.arrayContaining(["app", "postgres"]));
  expect(await everythingOf(CLUSTER)).toEqual(before);

  const { secretKey, accessKey } = handle.archive;
  const [container] = JSON.parse(inspected);
  expect(container.HostConfig.PortBindings ?? {}).toEqual({});
  expect(container.Mounts).toEqual([]);
  expect(inspected).not.toContain(secretKey);
  expect(container.Config.Env.join("\n")).not.toContain(accessKey);
  expect(lines.some((line) => line.includes("wal-g backup-fetch"))).toBe(true);
  expect(lines.filter((line) => line.includes(secretKey))).toEqual([]);
});

it("nothing is left of a trial that is interrupted", { timeout: 2 * MINUTE }, async () => {
  const before = await everythingOf(CLUSTER);
  const verifying = startSpiloctl(world, "backup", "verify");
  await trial();
  expect((await verifying.interrupt()).exitCode).toBe(130);
  expect(await everythingOf(CLUSTER)).toEqual(before);
});

it("a backup that is damaged in the bucket is found", { timeout: 2 * MINUTE }, async () => {
  await damageNewest();
  const { exitCode, report } = await spiloctl(world, "backup", "verify");
  console.log(`damaged: ${JSON.stringify(report.problem)}`);
  expect([exitCode, report]).toEqual([
    1,
    expect.objectContaining({ good: false, backup: expect.objectContaining({ name: backups[1] }) }),
  ]);
  expect(report.problem).toMatchObject({ step: "fetch", reason: expect.stringMatching(/\w/) });
  const missing = await spiloctl(world, "backup", "verify", "base_000000010000000000000FFF");
  expect(missing).toMatchObject({ exitCode: 3, report: { error: { code: "refused" } } });
});

it("without its S3 server it goes on, says so, and catches up", { timeout: 3 * MINUTE }, async () => {
  const writer = await startWriter(cluster.endpoint);
  await execa("docker", ["stop", "--time", "1", `${CLUSTER}-s3`]);
  const stoppedAt = await serverTime();
  const without = await until(
    "archiving fails, and more than one file waits",
    (report) =>
      report.degraded.some((text) => text.startsWith("archiving fails")) &&
      (report.archive?.waiting ?? 0) > 1,
  );
  console.log(`without S3: ${JSON.stringify([without.degraded, without.unknown])}`);
  expect([exitCodeOf(without), without.leader]).toEqual([4, MEMBER]);
  expect(without.unknown.map(({ what }) => what)).toContain("base backups");
  await writer.writes(20, 10_000);
  expect(await spiloctl(world, "backup", "now")).toMatchObject({ exitCode: 7 });

  await execa("docker", ["start", `${CLUSTER}-s3`]);
  const startedAt = await serverTime();
  const after = await until("all that waited is archived", (report) => exitCodeOf(report) === 0);
  const window = after.backups?.window;
  console.log(`from ${stoppedAt} to ${startedAt} without S3, then recoverable to ${window?.to}`);
  const { missing, acknowledged, longestGapMs } = await writer.stop();
  console.log(`${acknowledged} rows, the longest pause ${Math.round(longestGapMs)} ms`);
  expect(missing).toEqual([]);
  // By the archiver, and by the names of the files: WAL is whole from the first backup on.
  await until(
    "the window reaches beyond the outage",
    ({ backups: found }) => (found?.window?.to ?? "") > startedAt,
  );
  const integrity = "envdir /run/etc/wal-e.d/env wal-g wal-verify integrity --json";
  const verified = await execa("docker", ["exec", "--user", "postgres", MEMBER, "sh", "-c", integrity]);
  expect(JSON.parse(verified.stdout).integrity.status).toBe("OK");
  expect(await spiloctl(world, "backup", "list")).toMatchObject({ exitCode: 0, report: { gaps: [] } });
});

/** The container in which a backup is restored, as soon as there is one. */
async function trial(): Promise<string> {
  return await waitFor({ what: "a trial is on", deadlineMs: MINUTE, everyMs: 100 }, async () => {
    const found = (await everythingOf(CLUSTER)).find((name) => name.startsWith(`${MEMBER}-trial-`));
    return found === undefined ? { pending: "not yet" } : { found };
  });
}

/** Some bytes in the middle of its largest object are others. */
async function damageNewest(): Promise<void> {
  const { bucket, prefix, endpoint, region, ca, accessKey, secretKey } = handle.archive;
  const store = await objectStore(handle.archive);
  const objects = (await store.list(bucket, `${prefix}/base/`)).filter(({ key }) =>
    key.endsWith("data.tar.gz"),
  );
  store.close();
  const Key = objects
    .map(({ key }) => key)
    .toSorted()
    .at(-1);
  const client = new S3Client({
    ...{ endpoint, region, forcePathStyle: true },
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    requestHandler: { httpsAgent: new Agent({ ca }) },
  });
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
  const content = Buffer.from((await Body?.transformToByteArray()) ?? []);
  const middle = Math.floor(content.length / 2);
  content.fill("damaged", middle, middle + 64);
  await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: content }));
  client.destroy();
}

async function serverTime(): Promise<string> {
  return new Date(await evaluate(cluster.endpoint, "now()")).toISOString();
}

async function until(what: string, isSo: (report: StatusReport) => boolean): Promise<StatusReport> {
  return await waitFor({ what, deadlineMs: 90_000 }, async () => {
    const report = await status(handle, { record: false });
    const { degraded, archive, backups: found } = report;
    return isSo(report) ? { found: report } : { pending: JSON.stringify({ degraded, archive, found }) };
  });
}
