import type { z } from "zod";
import { endpointName } from "../aws/names.ts";
import { endpointAddress, subnetOf } from "../placement/addresses.ts";
import { firstPortOf } from "../placement/ports.ts";
import { standardStart } from "../upkeep/maintenance.ts";
import { publishedImages } from "./published-images.ts";
import type { clusterSchema, imagesSchema } from "./schema.ts";

/** A checked specification with every default filled in. */
export type ClusterSpec = ReturnType<typeof withDefaults>;

/** Names of images on this machine; an absent one is the default. */
export type ImageNames = z.infer<typeof imagesSchema>;

/** Defaults that follow from other keys. */
export function withDefaults(written: z.output<typeof clusterSchema>, images: ImageNames) {
  const { name, members, synchronous, network, etcd, endpoint, maintenance } = written;
  const backup = archiveOf(written);
  const subnet = network.subnet ?? subnetOf(name);
  const { restoreFrom: origin, ...others } = written;
  return {
    ...others,
    ...(origin === undefined ? {} : { restoreFrom: originWithDefaults(origin, backup) }),
    image: written.image ?? images.spilo ?? publishedImages.spilo,
    synchronous: { ...synchronous, mode: synchronous.mode ?? (members === 1 ? "off" : "quorum") },
    network: { ...network, subnet, firstPort: network.firstPort ?? firstPortOf(name) },
    etcd: { ...etcd, image: etcd.image ?? images.etcd ?? publishedImages.etcd },
    endpoint: {
      ...endpoint,
      names: namesOf(written),
      vip: endpoint.vip ?? (isOneNetwork(written) ? endpointAddress(subnet) : undefined),
      image: endpoint.image ?? images.proxy ?? publishedImages.proxy,
    },
    backup: {
      ...backup,
      bucket: backup.bucket ?? `${name}-wal`,
      image: backup.image ?? images.s3 ?? publishedImages.s3,
    },
    deletionProtection: written.deletionProtection ?? true,
    finalBackup: written.finalBackup ?? true,
    maintenance: { ...maintenance, start: maintenance.start ?? standardStart(name, maintenance.minutes) },
  };
}

type Written = z.output<typeof clusterSchema>;

/** There an address can move between the proxies. */
function isOneNetwork({ platform, placement }: Written): boolean {
  return platform === "docker" && placement.mode === "zonal";
}

/** On AWS the endpoint has a name, and no address that is known before it is there. */
function namesOf({ platform, name, aws, endpoint }: Written): readonly string[] {
  return platform === "aws"
    ? [...new Set([...endpoint.names, endpointName(name, aws?.dns)])]
    : endpoint.names;
}

/** On AWS the archive is a bucket of S3 in the cluster's own region. */
function archiveOf({ platform, aws, backup }: Written): Written["backup"] {
  const region = platform === "aws" ? aws?.region : undefined;
  return region === undefined ? backup : { ...backup, region };
}

/** The source's archive is where this cluster's own will be, unless it is said to be elsewhere. */
function originWithDefaults(origin: NonNullable<Written["restoreFrom"]>, backup: Written["backup"]) {
  const { cluster, bucket, endpoint = backup.endpoint, ca, region } = origin;
  // A server of one's own at backup.endpoint has one certificate, whoever asks it.
  const known = endpoint === backup.endpoint ? (ca ?? backup.ca) : ca;
  return {
    ...origin,
    bucket: bucket ?? backup.bucket ?? `${cluster}-wal`,
    region: region ?? backup.region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(known === undefined ? {} : { ca: known }),
  };
}
