import { expect, it } from "vitest";
import type { Origin } from "../../cluster/index.ts";
import { differing, ofType, openTexts, record } from "./recorder.ts";

const endpoint = "https://s3.example";
const ca = "-----BEGIN CERTIFICATE-----\nMIIBejCCAR+gAwIBAgIB\n-----END CERTIFICATE-----\n";
const storeKey = { accessKey: "archiver", secretKey: "key-of-the-store" };
const originKey = { accessKey: "reader", secretKey: "key-of-the-origin" };
const plain = { name: "orders", backup: { endpoint }, storeKey };
const lsn = "0/35290B60";
const restored = {
  ...plain,
  restoreFrom: { cluster: "sales", lsn, endpoint: "https://old.example", ca },
  originKey,
};
const origin: Origin = {
  ...{ cluster: "sales", incarnation: "aaaa", bucket: "sales-wal", endpoint: "https://old.example" },
  ...{ region: "us-east-1", postgresqlVersion: 17, backupBefore: "2030-01-01T01:05:01.000Z" },
  target: { kind: "lsn", lsn },
};

const named = (name: string) => (one: { readonly name: string }) => one.name === name;

it("looks for the archive with the key that opens it", async () => {
  const { resources } = await record(restored, { origin });
  const incarnation = ofType(resources, "spilo:index:Incarnation").get("orders-incarnation");
  expect(incarnation?.["source"]).toMatchObject({
    archive: { cluster: "sales", bucket: "sales-wal", target: { kind: "lsn", lsn } },
    postgresqlVersion: 17,
    ...originKey,
  });
});

it("does at the leader nothing before that has replayed the archive", async () => {
  const { resources } = await record(restored, { origin });
  for (const name of ["orders-roles", "orders-ready", "orders-first-backup"]) {
    expect(resources.find(named(name))?.after).toContain("orders-restored");
  }
  const inputs = ofType(resources, "spilo:index:Restored").get("orders-restored");
  expect(inputs?.["closed"]).toEqual(["standby_2", "rewind_2", "operator_2", "pooler_2", "app_2"]);
});

it("gives each member the key in a file, and to nobody to see", async () => {
  const { resources } = await record(restored, { origin });
  const texts = resources.flatMap(({ inputs }) => openTexts(inputs)).join("\n");
  expect(texts).not.toContain("key-of-the-origin");
  const containers = ofType(resources, "docker:index/container:Container");
  expect(JSON.stringify(containers.get("orders-1"))).not.toContain("key-of-the-origin");
  const files = JSON.stringify([...ofType(resources, "spilo:index:Identity")]);
  expect(files).toContain("AWS_SECRET_ACCESS_KEY=key-of-the-origin");
  expect(files).toContain("WALG_S3_PREFIX=s3://sales-wal/spilo/sales/aaaa/wal/17");
});

it("replaces nothing when the specification forgets what the cluster was made from", async () => {
  const before = await record(restored, { origin });
  const after = await record(plain, { origin });
  const changed = differing(before.resources, after.resources);
  expect(changed.filter((name) => !name.startsWith("spilo:index:Identity "))).toEqual([
    "spilo:index:Restored orders-restored",
  ]);
});

it("has nothing of it in a cluster that begins empty", async () => {
  const { resources } = await record(plain);
  expect(resources.find(named("orders-restored"))).toBeUndefined();
  expect(JSON.stringify(resources)).not.toContain("from-origin");
});

it("is refused without a key", async () => {
  const { storeKey: _none, ...keyless } = { ...plain, backup: {} };
  const restoreFrom = { cluster: "sales", endpoint };
  await expect(record({ ...keyless, restoreFrom })).rejects.toThrow(
    /pulumi config set spilo:originAccessKey/,
  );
});
