import { beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { backupNow } from "../../actions/verbs/backup-now.ts";
import { ArchivedCluster } from "./archived-cluster.ts";
import { listener } from "./fake-servers.ts";

let cluster: ArchivedCluster;
let told: ReturnType<typeof listener>;

beforeEach(() => {
  cluster = new ArchivedCluster();
  told = listener();
});

function run(deadlineMs = 60_000) {
  const openStore = async () => cluster.bucket.store;
  return backupNow(cluster.handle(), { deadlineMs, openStore }, told.narrator);
}

describe("backup now", () => {
  it("makes one on whoever leads, finds it in the bucket, and notes it", async () => {
    cluster.servers.leader = "dev-2";
    cluster.add("2030-01-01", "000000010000000000000004");
    const report = await run();
    expect(cluster.ran).toEqual(["dev-2 makes a backup"]);
    expect(report).toMatchObject({
      ...{ cluster: "orders", member: "dev-2", waitedMs: 0 },
      backup: { name: "base_000000030000000000000009", at: "2030-01-09T01:05:00.500Z" },
    });
    expect(report.backup.sizeBytes).toBeGreaterThan(4_000_000);
    expect(told.lines).toEqual([
      "note dev-2 leads and makes a base backup",
      "step base_000000030000000000000009 is in s3://orders-wal",
    ]);
    expect(cluster.servers.events).toEqual([
      expect.stringMatching(
        /^backup \{"name":"base_000000030000000000000009","sizeBytes":\d+,"tookMs":\d+\}$/,
      ),
    ]);
    expect(cluster.bucket.closed).toBe(1);
  });

  it("waits for one that is running, and then makes its own", async () => {
    cluster.othersRun = 3;
    const report = await run();
    expect(cluster.ran).toEqual(["dev-1 makes a backup"]);
    expect(report.waitedMs).toBeGreaterThan(0);
    expect(told.lines.slice(0, 2)).toEqual([
      "note dev-1 makes a base backup already: this one waits for its end",
      "step the other base backup has ended",
    ]);
  });

  it("does not wait for ever", async () => {
    cluster.othersRun = 1000;
    await expect(run(5000)).rejects.toMatchObject({
      code: "deadline",
      message: "the base backup that runs on dev-1 ends: not within 5 s: it still runs",
    });
    expect(cluster.ran).toEqual([]);
  });

  it("is not begun when the bucket does not answer", async () => {
    cluster.bucket.failure = new ActionError("unreachable", "bucket orders-wal: connect ECONNREFUSED");
    await expect(run()).rejects.toMatchObject({ code: "unreachable" });
    expect(cluster.ran).toEqual([]);
    expect(cluster.bucket.closed).toBe(1);
  });

  it("is not begun when nobody leads", async () => {
    cluster.servers.leader = undefined;
    await expect(run()).rejects.toMatchObject({ code: "no-leader" });
    expect(cluster.ran).toEqual([]);
  });

  it("fails with the archiver's last lines", async () => {
    cluster.ends = { exitCode: 1, errors: "ERROR: access denied\n" };
    await expect(run()).rejects.toThrow("dev-1: the base backup ended with 1: ERROR: access denied");
    expect(cluster.servers.events).toEqual([]);
  });

  it("fails when the archiver lists no new one, or the bucket does not hold it", async () => {
    cluster.add("2030-01-09", "000000030000000000000009");
    await expect(run()).rejects.toThrow("dev-1: the backup ran, but the archiver lists no new one");
    cluster = new ArchivedCluster();
    cluster.elsewhere = true;
    await expect(run()).rejects.toThrow(
      "the archiver lists the backup base_000000030000000000000009, but s3://orders-wal/spilo/orders/1a2b3c4d/wal/17 " +
        "holds no complete one of that name: none at all",
    );
  });

  it("that is interrupted says that it goes on", async () => {
    const controller = new AbortController();
    const handle = cluster.handle({ signal: controller.signal });
    const exec = handle.execOn("dev-1");
    const interrupted = {
      ...handle,
      execOn:
        () =>
        async (...asked: Parameters<typeof exec>) => {
          if (!asked[1].join(" ").includes("postgres_backup")) return exec(...asked);
          controller.abort(new Error("enough"));
          throw controller.signal.reason;
        },
    };
    const openStore = async () => cluster.bucket.store;
    await expect(backupNow(interrupted, { openStore }, told.narrator)).rejects.toThrow("enough");
    expect(told.lines.at(-1)).toBe(
      "warn the backup goes on on dev-1: `spiloctl backup list` shows it when it is complete",
    );
  });
});
