import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../cluster/index.ts";
import type { Platform, StoreKey } from "./platform.ts";
import { Bucket } from "./resources/bucket.ts";
import { Password } from "./resources/password.ts";

/** Where WAL and base backups go, and what opens it. */
export interface Archive {
  readonly bucket: Bucket;
  readonly key: StoreKey;
}

/** The bucket: in the stack's own S3 server, or at the endpoint that the user names. */
export function makeArchive(
  { cluster, archive }: ClusterPlan,
  platform: Platform,
  given: StoreKey | undefined,
  opts: { readonly parent: pulumi.Resource },
): Archive {
  const { endpoint, region, bucket, server } = archive;
  const key = given ?? ownKey(cluster, opts);
  const after = server === undefined ? [] : [platform.bucketServer(server, key).resource];
  const args = { endpoint, region, name: bucket, ...key, ownServer: server !== undefined };
  return { bucket: new Bucket(`${cluster}-bucket`, args, { ...opts, dependsOn: after }), key };
}

function ownKey(cluster: string, opts: { readonly parent: pulumi.Resource }): StoreKey {
  const password = new Password(`${cluster}-password-s3`, { purpose: "s3" }, opts);
  return { accessKey: "spilo", secretKey: password.value };
}
