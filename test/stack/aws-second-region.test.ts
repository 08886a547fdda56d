import { describe, expect, it } from "vitest";
import { assumedBy, replicationPolicy } from "../../cluster/aws/policies.ts";
import { onAws } from "../unit/aws-specifications.ts";
import { types } from "./aws-references.ts";
import { ofType, type Recorded, record } from "./recorder.ts";

const elsewhere = { region: "eu-west-1", bucket: "orders-wal-2" };
const written = onAws("ab", { aws: { replica: elsewhere } });
const names = ["orders-bucket", "orders-bucket-2"];

/** Of each of the two buckets, what is made of a type. */
const pair = (resources: readonly Recorded[], kind: string) => {
  const all = ofType(resources, `aws:s3/${kind}`);
  expect([...all.keys()].sort()).toEqual(names);
  return names.map((name) => all.get(name));
};

describe("a second region", async () => {
  const { resources } = await record(written);

  it("has a bucket like the first, and all that belongs to it is there as well", () => {
    const first = { bucket: "orders-bucket-id" };
    const second = { bucket: "orders-bucket-2-id", region: "eu-west-1" };
    expect(pair(resources, "bucket:Bucket")).toEqual([
      { bucket: "orders-wal", forceDestroy: true },
      { bucket: "orders-wal-2", forceDestroy: true, region: "eu-west-1" },
    ]);
    const alike = {
      "bucketVersioning:BucketVersioning": { versioningConfiguration: { status: "Enabled" } },
      "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      },
      "bucketPublicAccessBlock:BucketPublicAccessBlock": {
        ...{ blockPublicAcls: true, blockPublicPolicy: true },
        ...{ ignorePublicAcls: true, restrictPublicBuckets: true },
      },
      "bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        rules: [
          {
            ...{ id: "former-versions", status: "Enabled", filter: { prefix: "" } },
            noncurrentVersionExpiration: { noncurrentDays: 7 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
    };
    for (const [kind, inputs] of Object.entries(alike)) {
      expect(pair(resources, kind)).toEqual([
        { ...first, ...inputs },
        { ...second, ...inputs },
      ]);
    }
  });

  it("gets all of the first one, deletions too, by a role that may do that and nothing else", () => {
    const [replication] = ofType(
      resources,
      "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    ).values();
    expect(replication).toEqual({
      ...{ bucket: "orders-bucket-id", role: "arn:Role:orders-replication" },
      rules: [
        {
          ...{ id: "all", status: "Enabled", priority: 1, filter: { prefix: "" } },
          deleteMarkerReplication: { status: "Enabled" },
          destination: { bucket: "arn:Bucket:orders-bucket-2", storageClass: "STANDARD" },
        },
      ],
    });
    const role = ofType(resources, "aws:iam/role:Role").get("orders-replication");
    expect(JSON.parse(String(role?.["assumeRolePolicy"]))).toEqual(assumedBy("s3"));
    const policy = ofType(resources, types.policy).get("orders-replication");
    expect(policy?.["role"]).toBe("orders-replication");
    expect(JSON.parse(String(policy?.["policy"]))).toEqual(replicationPolicy("orders-wal", "orders-wal-2"));
  });

  it("is replicated to when both buckets keep versions and the role may, and kept in order after that", () => {
    const waitsFor = (kind: string, name: string) =>
      resources.find((one) => one.type === `aws:s3/${kind}` && one.name === name)?.after;
    expect(waitsFor("bucketReplicationConfig:BucketReplicationConfig", "orders-bucket")).toEqual(
      expect.arrayContaining(["orders-replication", "orders-bucket", "orders-bucket-2"]),
    );
    for (const name of names) {
      expect(waitsFor("bucketLifecycleConfiguration:BucketLifecycleConfiguration", name)).toContain(name);
    }
  });

  it("is no business of a machine's: none may do anything there", () => {
    const machines = [...ofType(resources, types.policy)].filter(([name]) => name !== "orders-replication");
    expect(machines).toHaveLength(6);
    for (const [, { policy }] of machines) expect(String(policy)).not.toContain("orders-wal-2");
  });
});

it.each([
  ["is protected in a stack that is not dev", "prod", {}, true, false],
  ["goes with the cluster, and all that is in it, in dev", "dev", {}, false, true],
  ["stays while it holds the final backup", "prod", { deletionProtection: false }, false, false],
])("the second region %s", async (_title, stack, change, isProtected, isEmptied) => {
  const { resources } = await record({ ...written, ...change }, { stack });
  const buckets = resources.filter(({ type }) => type === types.bucket);
  expect(buckets.map(({ name, protect }) => [name, protect])).toEqual(
    names.map((name) => [name, isProtected]),
  );
  for (const { inputs } of buckets) expect(inputs["forceDestroy"]).toBe(isEmptied);
});

it("without one, nothing is copied, and nobody may", async () => {
  const { resources } = await record(onAws("ab"));
  expect(resources.filter(({ name }) => /-2$|replication/.test(name))).toEqual([]);
});
