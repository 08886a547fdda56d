import { expect, it } from "vitest";
import { differing, ofType, openTexts, record } from "./recorder.ts";

const endpoint = "https://far.example";
const ca = "-----BEGIN CERTIFICATE-----\nMIIBejCCAR+gAwIBAgIB\n-----END CERTIFICATE-----\n";
const secondKey = { accessKey: "copier", secretKey: "key-of-the-second" };
const copied = { name: "orders", backup: { second: { endpoint, ca, bucket: "copies" } }, secondKey };

it("is made with its own key, and nothing waits for it but the end", async () => {
  const { resources } = await record(copied);
  const bucket = ofType(resources, "spilo:index:Bucket").get("orders-second-bucket");
  expect(bucket).toMatchObject({ endpoint, ca, name: "copies", accessKey: "copier", ownServer: false });
  const waiting = resources.filter(({ after }) => after.includes("orders-second-bucket"));
  expect(waiting.map(({ type }) => type)).toEqual(["spilo:index:Guard"]);
});

it("gives each member the key in a file, and to nobody to see", async () => {
  const { resources } = await record(copied);
  const texts = resources.flatMap(({ inputs }) => openTexts(inputs)).join("\n");
  expect(texts).not.toContain("key-of-the-second");
  const containers = ofType(resources, "docker:index/container:Container");
  expect(JSON.stringify(containers.get("orders-1"))).not.toContain("key-of-the-second");
  const files = JSON.stringify([...ofType(resources, "spilo:index:Identity")]);
  expect(files).toContain("AWS_SECRET_ACCESS_KEY=key-of-the-second");
  expect(files).toContain("WALG_S3_PREFIX=s3://copies/spilo/orders/1a2b3c4d/wal/17");
});

it("replaces no container when its key is another one", async () => {
  const before = await record(copied);
  const after = await record({ ...copied, secondKey: { accessKey: "copier", secretKey: "another-key" } });
  const changed = differing(before.resources, after.resources);
  expect(changed.filter((name) => /docker:index/.test(name))).toEqual([]);
  expect(changed).toContain("spilo:index:Bucket orders-second-bucket");
});

it("is refused without a key", async () => {
  const { secondKey: _none, ...keyless } = copied;
  await expect(record(keyless)).rejects.toThrow(/pulumi config set spilo:secondAccessKey/);
});
