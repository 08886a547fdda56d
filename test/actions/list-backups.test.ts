import { beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { backupsLines } from "../../actions/cli/backup-text.ts";
import { colourless } from "../../actions/cli/paint.ts";
import type { ServerFacts } from "../../actions/status/server-facts.ts";
import { type ListBackupsOptions, listBackups } from "../../actions/verbs/list-backups.ts";
import { ArchivedCluster } from "./archived-cluster.ts";
import { backupInfo } from "./bucket.ts";

const facts: ServerFacts = {
  slots: [],
  archiver: {
    ...{ lastWal: "00000001000000000000000A", lastSeconds: 12, archived: 9, failures: 0 },
    ...{ lastFailedWal: null, lastFailedSeconds: null, waiting: 0, oldestWaitingSeconds: null },
    ...{ upTo: "2030-01-03T12:00:00.000Z", timeoutSeconds: 60 },
  },
  standbys: [],
};

let cluster: ArchivedCluster;

beforeEach(() => {
  cluster = new ArchivedCluster();
  cluster.add("2030-01-01", "000000010000000000000004");
  cluster.add("2030-01-02", "000000010000000000000008");
  cluster.archive(4, 10, "2030-01-02T09:00:00Z");
});

function run(options: ListBackupsOptions = {}) {
  const openStore = async () => cluster.bucket.store;
  return listBackups(cluster.handle(), { openStore, serverFacts: async () => facts, ...options });
}

describe("backup list", () => {
  it("has the backups, oldest first, and the window that ends where the leader's archiver is", async () => {
    const report = await run();
    expect(report).toMatchObject({
      ...{ cluster: "orders", bucket: "orders-wal", prefix: cluster.prefix, others: null },
      backups: [{ name: "base_000000010000000000000004" }, { name: "base_000000010000000000000008" }],
      window: { from: "2030-01-01T01:05:00.500Z", to: "2030-01-03T12:00:00.000Z" },
      gaps: [],
    });
    expect(cluster.bucket.closed).toBe(1);
  });

  it("goes by the bucket when nobody leads, or says how far its WAL is archived", async () => {
    const window = { from: "2030-01-01T01:05:00.500Z", to: "2030-01-02T09:00:00.000Z" };
    const silent = () => Promise.reject(new Error("connect ECONNREFUSED"));
    expect((await run({ serverFacts: silent })).window).toEqual(window);
    for (const { name } of cluster.servers.servers) cluster.servers.gone(name);
    expect((await run()).window).toEqual(window);
  });

  it("finds WAL that is missing, and what can be restored behind it", async () => {
    cluster.bucket.objects.delete(`${cluster.prefix}/wals/0000000100000000/000000010000000000000006.lz4`);
    const report = await run();
    expect(report.gaps).toEqual([
      { first: "000000010000000000000006", last: "000000010000000000000006", count: 1 },
    ]);
    expect(report.window).toEqual({ from: "2030-01-02T01:05:00.500Z", to: "2030-01-03T12:00:00.000Z" });
    expect(backupsLines(report, colourless).at(-1)).toBe(
      "  missing      WAL file 000000010000000000000006: a backup from before cannot be restored beyond (`spiloctl backup now` makes another)",
    );
  });

  it("leaves this incarnation out of the others", async () => {
    const other = "spilo/orders/0a0a0a0a/wal/16";
    cluster.bucket
      .put(`${other}/base/20290101T010000/backup.info`, backupInfo("2029-01-01"))
      .put(`${other}/base/20290101T010000/data.tar.gz`, 500);
    const { others } = await run({ all: true });
    expect(others).toMatchObject([
      { incarnation: "0a0a0a0a", version: "16", prefix: other, backups: [{ timeline: 1 }] },
    ]);
  });

  it("fails when the bucket does not answer", async () => {
    cluster.bucket.failure = new ActionError("unreachable", "bucket orders-wal: connect ECONNREFUSED");
    await expect(run()).rejects.toMatchObject({ code: "unreachable" });
  });

  it("is a line for each, for people", async () => {
    const other = "spilo/orders/0a0a0a0a/wal/16";
    cluster.bucket.put(`${other}/wals/0000000100000000/000000010000000000000001.lz4`, 1);
    expect(backupsLines(await run({ all: true }), colourless)).toEqual([
      "orders  s3://orders-wal/spilo/orders/1a2b3c4d/wal/17",
      "  base_000000010000000000000004  2030-01-01T01:00:00Z  5 min  3.8 MB of 30 MB  0/4000028  timeline 1",
      "  base_000000010000000000000008  2030-01-02T01:00:00Z  5 min  3.8 MB of 30 MB  0/4000028  timeline 1",
      "  recoverable  from 2030-01-01T01:05:00Z to 2030-01-03T12:00:00Z",
      "  other incarnations, the newest last",
      "    0a0a0a0a  PostgreSQL 16  0 backups  recoverable nothing, as there is no base backup",
    ]);
    cluster = new ArchivedCluster();
    expect(backupsLines(await run({ all: true }), colourless).slice(1)).toEqual([
      "  no base backup",
      "  recoverable  nothing, as there is no base backup",
      "  no other incarnation",
    ]);
  });
});
