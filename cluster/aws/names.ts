import type { BucketPlan, ClusterPlan } from "../plan-types.ts";

/** Names on AWS that are known before anything is there. */

/** The endpoint's name: the user's, or one in a private zone of the cluster's own. */
export function endpointName(cluster: string, dns: { readonly name: string } | undefined): string {
  return dns?.name ?? `db.${privateZone(cluster)}`;
}

/** The private zone that is made where the user names none. */
export function privateZone(cluster: string): string {
  return `${cluster}.internal`;
}

/** Where S3 is in a region. */
export function s3Endpoint(region: string): string {
  return `https://s3.${region}.amazonaws.com`;
}

/** The region of an endpoint of S3; undefined where it is somebody else's. */
export function s3RegionOf(endpoint: string): string | undefined {
  return /^https:\/\/s3\.([a-z0-9-]+)\.amazonaws\.com(?::443)?\/?$/.exec(endpoint)?.[1];
}

/** Whether machines are let into a bucket by what they are. */
export function isOpenByRole(
  { aws }: Pick<ClusterPlan, "aws">,
  bucket: Pick<BucketPlan, "endpoint"> | undefined,
): boolean {
  return aws !== undefined && bucket !== undefined && s3RegionOf(bucket.endpoint) !== undefined;
}

/** `eu-central-1a` */
export function availabilityZone(region: string, zone: string): string {
  return `${region}${zone}`;
}
