import type * as pulumi from "@pulumi/pulumi";
import { assumedBy, replicationPolicy } from "../../cluster/aws/policies.ts";
import type { AwsPlace } from "./place.ts";

/**
 * The archive's bucket: encrypted, versioned, closed to the public. What is kept in it is the archiver's business; the
 * bucket itself only forgets what was overwritten or deleted some days ago, and uploads that were never ended.
 */
export function makeBucket(place: AwsPlace): pulumi.CustomResource {
  const { aws, cluster, opts, on, plan } = place;
  const { bucket } = on;
  const { replica } = bucket;
  const held = { ...opts, protect: plan.teardown.protected };
  const made = kept(place, `${cluster}-bucket`, bucket.name, {}, held);
  if (replica === undefined) return made.bucket;
  const second = kept(place, `${cluster}-bucket-2`, replica.name, { region: replica.region }, held);
  const role = new aws.iam.Role(
    `${cluster}-replication`,
    { assumeRolePolicy: JSON.stringify(assumedBy("s3")) },
    opts,
  );
  const policy = new aws.iam.RolePolicy(
    `${cluster}-replication`,
    { role: role.name, policy: JSON.stringify(replicationPolicy(bucket.name, replica.name)) },
    opts,
  );
  new aws.s3.BucketReplicationConfig(
    `${cluster}-bucket`,
    {
      bucket: made.bucket.id,
      role: role.arn,
      rules: [
        {
          id: "all",
          status: "Enabled",
          priority: 1,
          filter: { prefix: "" },
          // What retention removes goes there as well: else the second one would grow for ever.
          deleteMarkerReplication: { status: "Enabled" },
          destination: { bucket: second.bucket.arn, storageClass: "STANDARD" },
        },
      ],
    },
    { ...opts, dependsOn: [policy, made.versioning, second.versioning] },
  );
  return made.bucket;
}

function kept(
  { aws, on: { bucket: plan }, opts }: AwsPlace,
  name: string,
  bucketName: string,
  where: { readonly region?: string },
  held: pulumi.CustomResourceOptions,
) {
  const bucket = new aws.s3.Bucket(name, { bucket: bucketName, forceDestroy: plan.emptied, ...where }, held);
  const of = { bucket: bucket.id, ...where };
  const versioning = new aws.s3.BucketVersioning(
    name,
    { ...of, versioningConfiguration: { status: "Enabled" } },
    opts,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    name,
    { ...of, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    opts,
  );
  const closed = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true };
  new aws.s3.BucketPublicAccessBlock(name, { ...of, ...closed, restrictPublicBuckets: true }, opts);
  new aws.s3.BucketLifecycleConfiguration(
    name,
    {
      ...of,
      rules: [
        {
          id: "former-versions",
          status: "Enabled",
          filter: { prefix: "" },
          noncurrentVersionExpiration: { noncurrentDays: plan.formerDays },
          abortIncompleteMultipartUpload: { daysAfterInitiation: plan.formerDays },
        },
      ],
    },
    // Of a bucket without versions nothing would be a former one.
    { ...opts, dependsOn: versioning },
  );
  return { bucket, versioning };
}
