import { afterEach, describe, expect, it } from "vitest";
import { objectStore } from "../../actions/object-store.ts";
import { backupsIn } from "../../actions/status/backups.ts";
import { FakeS3 } from "../provider/fake-s3.ts";
import { access } from "../provider/test-access.ts";

const prefix = "spilo/orders/1a2b3c4d/wal/17";
let store: FakeS3 | undefined;

afterEach(async () => {
  await store?.stop();
  store = undefined;
});

describe("the base backups in a bucket", () => {
  it("are those that WAL-G has finished, with the size of all their parts", () => {
    const folder = `${prefix}/basebackups_005`;
    const backups = backupsIn([
      { key: `${folder}/base_000000010000000000000002/tar_partitions/part_1.tar.lz4`, sizeBytes: 1000 },
      {
        key: `${folder}/base_000000010000000000000002_backup_stop_sentinel.json`,
        sizeBytes: 24,
        modifiedAt: new Date("2030-01-01T00:00:00Z"),
      },
      { key: `${folder}/base_000000010000000000000009/tar_partitions/part_1.tar.lz4`, sizeBytes: 500 },
    ]);
    expect(backups).toEqual([
      { name: "base_000000010000000000000002", at: "2030-01-01T00:00:00.000Z", sizeBytes: 1024 },
    ]);
  });

  it("are those that barman describes and that hold something, in the order of time", () => {
    const folder = `${prefix}/base`;
    const backups = backupsIn([
      { key: `${folder}/20300102T010000/backup.info`, sizeBytes: 100 },
      { key: `${folder}/20300102T010000/data.tar.gz`, sizeBytes: 900 },
      {
        key: `${folder}/20300101T010000/backup.info`,
        sizeBytes: 100,
        modifiedAt: new Date("2030-01-01T01:05:00Z"),
      },
      { key: `${folder}/20300101T010000/data.tar.gz`, sizeBytes: 800 },
      { key: `${folder}/20300103T010000/backup.info`, sizeBytes: 100 },
      { key: `${folder}/20300104T010000/data.tar.gz`, sizeBytes: 800 },
    ]);
    expect(backups).toEqual([
      { name: "20300101T010000", at: "2030-01-01T01:05:00.000Z", sizeBytes: 900 },
      { name: "20300102T010000", at: "2030-01-02T01:00:00.000Z", sizeBytes: 1000 },
    ]);
  });

  it("are none in an empty bucket", () => {
    expect(backupsIn([])).toEqual([]);
  });
});

it("an object tells when it was written", async () => {
  store = await new FakeS3().start();
  const body =
    "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a/b</Key><Size>7</Size>" +
    "<LastModified>2030-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>";
  store.answers.set("GET /orders-wal", { status: 200, body });
  const common = { region: "us-east-1", accessKey: "key", secretKey: "secret" };
  const opened = await objectStore({ ...common, endpoint: store.url, ca: access.ca });
  const objects = await opened.list("orders-wal", "a/");
  opened.close();
  expect(objects).toEqual([{ key: "a/b", sizeBytes: 7, modifiedAt: new Date("2030-01-01T00:00:00Z") }]);
});
