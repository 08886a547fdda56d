import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { livesIn } from "../../actions/archive/incarnations.ts";
import { windowIn, windowOf } from "../../actions/archive/recoverable-window.ts";
import { storedBackups } from "../../actions/archive/stored-backups.ts";
import { storedWal } from "../../actions/archive/stored-wal.ts";
import { objectStore } from "../../actions/object-store.ts";
import { FakeS3 } from "../provider/fake-s3.ts";
import { access } from "../provider/test-access.ts";
import { Bucket, backupInfo, backupReport } from "./bucket.ts";

const prefix = "spilo/orders/1a2b3c4d/wal/17";
const folder = { bucket: "orders-wal", prefix };
let bucket: Bucket;

beforeEach(() => {
  bucket = new Bucket();
});

describe("the base backups in a bucket", () => {
  it("are those that WAL-G has finished, with the size of all their parts and what their sentinel says", async () => {
    const base = `${prefix}/basebackups_005`;
    const said = {
      LSN: 0x2_0000_0028,
      FinishLSN: 0x2_0000_0120,
      StartTime: "2030-01-01T00:00:00.5Z",
      FinishTime: "2030-01-01T00:02:00Z",
      UncompressedSize: 9000,
    };
    const sentinel = JSON.stringify(said);
    bucket
      .put(`${base}/base_000000030000000200000000/tar_partitions/part_1.tar.lz4`, 1000)
      .put(`${base}/base_000000030000000200000000_backup_stop_sentinel.json`, sentinel)
      .put(`${base}/base_000000030000000200000009/tar_partitions/part_1.tar.lz4`, 500);
    expect(await storedBackups(bucket.store, folder)).toEqual([
      {
        name: "base_000000030000000200000000",
        begunAt: "2030-01-01T00:00:00.500Z",
        at: "2030-01-01T00:02:00.000Z",
        sizeBytes: 1000 + sentinel.length,
        dataBytes: 9000,
        beginLsn: "2/28",
        endLsn: "2/120",
        timeline: 3,
      },
    ]);
  });

  it("have the time of their last object where a sentinel says nothing", async () => {
    const end = `${prefix}/basebackups_005/base_000000010000000000000002_backup_stop_sentinel.json`;
    bucket.put(end, 24, "2030-01-01T00:00:00Z");
    expect(await storedBackups(bucket.store, folder)).toEqual([
      backupReport({
        ...{ name: "base_000000010000000000000002", begunAt: null, at: "2030-01-01T00:00:00.000Z" },
        ...{ sizeBytes: 24, dataBytes: null, beginLsn: null, endLsn: null },
      }),
    ]);
  });

  it("are those that barman has finished, under the archiver's names, in the order of time", async () => {
    const base = `${prefix}/base`;
    const second = backupInfo("2030-01-02", { begin_wal: "000000010000000000000009" });
    bucket
      .put(`${base}/20300102T010000/backup.info`, second)
      .put(`${base}/20300102T010000/data.tar.gz`, 900)
      .put(`${base}/20300101T010000/backup.info`, backupInfo("2030-01-01"))
      .put(`${base}/20300101T010000/data.tar.gz`, 800)
      .put(`${base}/20300103T010000/backup.info`, backupInfo("2030-01-03"))
      .put(`${base}/20300104T010000/data.tar.gz`, 800);
    expect(await storedBackups(bucket.store, folder)).toEqual([
      backupReport({ sizeBytes: backupInfo("2030-01-01").length + 800 }),
      backupReport({
        ...{ name: "base_000000010000000000000009", sizeBytes: second.length + 900 },
        ...{ begunAt: "2030-01-02T01:00:00.123Z", at: "2030-01-02T01:05:00.500Z" },
      }),
    ]);
  });

  it("are not those that have failed, which barman describes as well", async () => {
    bucket
      .put(`${prefix}/base/20300101T010000/backup.info`, backupInfo("2030-01-01", { status: "FAILED" }))
      .put(`${prefix}/base/20300101T010000/data.tar.gz`, 800);
    expect(await storedBackups(bucket.store, folder)).toEqual([]);
  });

  it("are none in an empty bucket", async () => {
    expect(await storedBackups(bucket.store, folder)).toEqual([]);
  });
});

describe("what can be restored", () => {
  const older = backupReport();
  const newer = backupReport({ at: "2030-01-03T01:05:00.000Z" });

  it("begins with the end of the oldest backup, and ends with the last WAL", () => {
    expect(windowOf([older, newer], "2030-01-03T09:00:00.000Z")).toEqual({
      from: "2030-01-01T01:05:00.500Z",
      to: "2030-01-03T09:00:00.000Z",
    });
  });

  it("reaches to the end of the newest backup at least, which has its own WAL", () => {
    expect(windowOf([older, newer], "2030-01-03T01:04:00.000Z")?.to).toBe("2030-01-03T01:05:00.000Z");
  });

  it("has an open end when nobody knows how far the WAL reaches, and is nothing without a backup", () => {
    expect(windowOf([older], null)).toEqual({ from: "2030-01-01T01:05:00.500Z", to: null });
    expect(windowOf([], "2030-01-03T01:04:00.000Z")).toBeNull();
    expect(windowOf([backupReport({ at: null })], "2030-01-03T01:04:00.000Z")).toBeNull();
  });
});

describe("the WAL in a bucket", () => {
  const older = backupReport();

  function archive(wal: string, at: string, path = `wals/${wal.slice(0, 16)}/${wal}.lz4`) {
    bucket.put(`${prefix}/${path}`, 1, at);
  }

  it.each([
    ["barman", (wal: string) => `wals/${wal.slice(0, 16)}/${wal}`],
    ["WAL-G", (wal: string) => `wal_005/${wal}.lz4`],
  ])("is read from the oldest backup on, where %s keeps it", async (_who, path) => {
    const put = (wal: string, at: string) => archive(wal, at, path(wal));
    put("000000010000000000000003", "2030-01-09T00:00:00Z");
    for (let last = 4; last < 256; last += 1) {
      put(
        `0000000100000000000000${last.toString(16).toUpperCase().padStart(2, "0")}`,
        "2030-01-01T01:05:00Z",
      );
    }
    // A timeline begins with the number at which the one before it has ended.
    put("0000000100000000000000FF", "2030-01-01T01:06:00Z");
    put("0000000200000000000000FF", "2030-01-01T01:06:30Z");
    put("000000020000000100000000", "2030-01-01T01:07:00Z");
    bucket.put(`${prefix}/wals/00000002.history.lz4`, 1, "2030-01-01T01:09:00Z");
    bucket.put(`${prefix}/wal_005/000000010000000100000007.partial`, 1, "2030-01-01T01:09:00Z");
    const wal = await storedWal(bucket.store, folder, older);
    expect(wal).toMatchObject({
      runs: [{ first: 4, last: 256, lastAt: "2030-01-01T01:07:00.000Z" }],
      gaps: [],
    });
  });

  it("leaves out what a backup before a gap cannot reach", async () => {
    archive("000000010000000000000004", "2030-01-01T02:00:00Z");
    archive("000000010000000000000005", "2030-01-01T02:10:00Z");
    archive("000000010000000000000009", "2030-01-03T02:00:00Z");
    const wal = await storedWal(bucket.store, folder, older);
    expect(wal.gaps).toEqual([
      { first: "000000010000000000000006", last: "000000010000000000000008", count: 3 },
    ]);
    // Nothing to begin with behind it: the time before is what is left, whatever the leader has archived since.
    expect(windowIn([older], wal, "2030-01-03T02:00:00.000Z")).toEqual({
      from: "2030-01-01T01:05:00.500Z",
      to: "2030-01-01T02:10:00.000Z",
    });
    const name = "base_000000010000000000000009";
    const newer = backupReport({ name, endLsn: "0/9000120", at: "2030-01-03T01:05:00.000Z" });
    expect(windowIn([older, newer], wal, null)).toEqual({
      from: "2030-01-03T01:05:00.000Z",
      to: "2030-01-03T02:00:00.000Z",
    });
  });

  it("is of no use to a backup of which it lacks the beginning or the end", async () => {
    archive("000000010000000000000005", "2030-01-01T02:00:00Z");
    const wal = await storedWal(bucket.store, folder, older);
    expect(wal.gaps).toMatchObject([{ first: "000000010000000000000004", count: 1 }]);
    expect(windowIn([older], wal, null)).toBeNull();
    const long = backupReport({ name: "base_000000010000000000000005", endLsn: "0/6000120" });
    expect(windowIn([long], wal, null)).toBeNull();
    // The position is the one after the last byte.
    const ends = backupReport({ name: "base_000000010000000000000005", endLsn: "0/6000000" });
    expect(windowIn([ends], wal, null)).not.toBeNull();
  });
});

it("other lives of a cluster are found by the bucket alone, for each major version, the newest last", async () => {
  const put = (life: string, day: string) => {
    const below = `spilo/orders/${life}`;
    bucket
      .put(`${below}/base/20300101T010000/backup.info`, backupInfo(day))
      .put(`${below}/base/20300101T010000/data.tar.gz`, 800)
      .put(`${below}/wals/0000000100000000/000000010000000000000004.lz4`, 1, `${day}T09:00:00Z`);
  };
  put("bbbb/wal/17", "2030-02-01");
  put("aaaa/wal/17", "2030-03-01");
  put("aaaa/wal/16", "2030-01-01");
  bucket.put("spilo/orders/cccc/wal/17/wals/0000000100000000/000000010000000000000001.lz4", 1);
  // Another cluster, whose name begins likewise.
  bucket.put("spilo/orders-eu/dddd/wal/17/base/20300101T010000/backup.info", backupInfo("2030-01-01"));
  const found = await livesIn(bucket.store, "orders-wal", "orders");
  expect(found.map(({ incarnation, version, window }) => [incarnation, version, window?.to ?? null])).toEqual(
    [
      ["cccc", "17", null],
      ["aaaa", "16", "2030-01-01T09:00:00.000Z"],
      ["bbbb", "17", "2030-02-01T09:00:00.000Z"],
      ["aaaa", "17", "2030-03-01T09:00:00.000Z"],
    ],
  );
  expect(found[1]).toMatchObject({ prefix: "spilo/orders/aaaa/wal/16", backups: [{ timeline: 1 }] });
});

describe("an object store", () => {
  let server: FakeS3;

  beforeEach(async () => {
    server = await new FakeS3().start();
  });

  afterEach(() => server.stop());

  async function opened() {
    const common = { region: "us-east-1", accessKey: "key", secretKey: "secret" };
    return await objectStore({ ...common, endpoint: server.url, ca: access.ca });
  }

  it("tells of an object when it was written, and of folders their names", async () => {
    const body =
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a/b</Key><Size>7</Size>" +
      "<LastModified>2030-01-01T00:00:00.000Z</LastModified></Contents>" +
      "<CommonPrefixes><Prefix>a/c/</Prefix></CommonPrefixes></ListBucketResult>";
    server.answers.set("GET /orders-wal", { status: 200, body });
    const store = await opened();
    expect(await store.list("orders-wal", "a/")).toEqual([
      { key: "a/b", sizeBytes: 7, modifiedAt: new Date("2030-01-01T00:00:00Z") },
    ]);
    expect(await store.folders("orders-wal", "a/")).toEqual(["a/c/"]);
    store.close();
  });

  it("reads an object, finds one missing, and says who refuses", async () => {
    server.answers.set("GET /orders-wal/a/b", { status: 200, body: "status=DONE" });
    server.fail("GET /orders-wal/a/c", 404, "NoSuchKey");
    server.fail("GET /orders-wal/a/d", 403, "AccessDenied");
    const store = await opened();
    expect(await store.read("orders-wal", "a/b")).toBe("status=DONE");
    expect(await store.read("orders-wal", "a/c")).toBeUndefined();
    await expect(store.read("orders-wal", "a/d")).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("bucket orders-wal at https://"),
    });
    store.close();
  });
});
