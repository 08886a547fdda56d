import { s3RegionOf } from "../aws/names.ts";
import { sourceOf } from "../restore/standby.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

/** Of another cluster, on AWS: the archive that one is read from, and the way to it. */
export const awsOriginRules: readonly Rule[] = [
  {
    reads: ["restoreFrom", "backup.bucket", "aws.replica"],
    on: "aws",
    check: (spec) => archiveIsReached("restoreFrom", spec),
  },
  {
    reads: ["standbyOf", "backup.bucket", "aws.replica"],
    on: "aws",
    check: (spec) => archiveIsReached("standbyOf", spec),
  },
  { reads: ["standbyOf", "aws"], on: "aws", check: sourceIsReached },
];

type Key = "restoreFrom" | "standbyOf";

function archiveIsReached(key: Key, spec: ClusterSpec): readonly SpecIssue[] {
  const archived = spec[key];
  // Nothing is read of one whose life is not named.
  if (archived?.endpoint === undefined || (key === "standbyOf" && archived.incarnation === undefined)) {
    return [];
  }
  const { bucket, endpoint, region } = archived;
  return [
    ...notOfThisCluster(key, bucket, spec),
    ...inItsRegion(key, endpoint, region),
    ...open(key, endpoint),
  ];
}

/** Buckets are made with their cluster, and one that is there already cannot be. */
function notOfThisCluster(key: Key, bucket: string, { backup, aws }: ClusterSpec): readonly SpecIssue[] {
  const made = [
    { own: "backup.bucket", name: backup.bucket },
    { own: "aws.replica.bucket", name: aws?.replica?.bucket },
  ];
  return made
    .filter(({ name }) => name === bucket)
    .map(({ own }) => ({
      path: `${key}.bucket`,
      value: bucket,
      message: `is ${own} as well, which is made for this cluster`,
      remedy: `Set ${own} to a name that is free: what the other cluster has archived stays where it is.`,
    }));
}

function inItsRegion(key: Key, endpoint: string, region: string): readonly SpecIssue[] {
  const served = s3RegionOf(endpoint);
  if (served === undefined || served === region) return [];
  const message = `is that of S3 in ${served}, and the bucket is said to be in ${region}`;
  return [{ path: `${key}.endpoint`, value: endpoint, message, remedy: `Remove it, and set ${key}.region.` }];
}

/** By the security groups. */
function open(key: Key, endpoint: string): readonly SpecIssue[] {
  const [, port = "443"] = /:(\d+)\/?$/.exec(endpoint) ?? [];
  if (port === "443") return [];
  const message = `is at port ${port}: members are let out to port 443`;
  return [
    { path: `${key}.endpoint`, value: endpoint, message, remedy: "Have it answer at port 443 as well." },
  ];
}

/** A network that is made has ways to the internet and to S3, and to no other network. */
function sourceIsReached({ standbyOf, aws }: ClusterSpec): readonly SpecIssue[] {
  if (aws?.vpc !== undefined || standbyOf?.host === undefined) return [];
  const inside = sourceOf(standbyOf.host).hosts.find((host) => privateAddress.test(host));
  if (inside === undefined) return [];
  return [
    {
      path: "standbyOf.host",
      value: standbyOf.host,
      message: `${inside} is in another network, and one that is made for the cluster has no way there`,
      remedy:
        "Set aws.vpc and aws.subnets to a network that is joined to the other cluster's; or remove the key and set " +
        "standbyOf.incarnation: then its archive alone is followed.",
    },
  ];
}

/** @see https://www.rfc-editor.org/rfc/rfc1918 */
const privateAddress = /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]+$/;
