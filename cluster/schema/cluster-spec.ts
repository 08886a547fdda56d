import type { z } from "zod";
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
  const { name, members, synchronous, network, etcd, endpoint, backup, maintenance, placement } = written;
  const subnet = network.subnet ?? subnetOf(name);
  const { restoreFrom: origin, standbyOf: source, ...others } = written;
  return {
    ...others,
    ...(origin === undefined ? {} : { restoreFrom: archiveWithDefaults(origin, backup) }),
    ...(source === undefined ? {} : { standbyOf: archiveWithDefaults(source, backup) }),
    image: written.image ?? images.spilo ?? publishedImages.spilo,
    synchronous: { ...synchronous, mode: synchronous.mode ?? (members === 1 ? "off" : "quorum") },
    network: { ...network, subnet, firstPort: network.firstPort ?? firstPortOf(name) },
    etcd: { ...etcd, image: etcd.image ?? images.etcd ?? publishedImages.etcd },
    endpoint: {
      ...endpoint,
      vip: endpoint.vip ?? (placement.mode === "zonal" ? endpointAddress(subnet) : undefined),
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

interface Archived {
  readonly cluster: string;
  readonly bucket?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly ca?: string | undefined;
  readonly region?: string | undefined;
}

/** The other cluster's archive is where this cluster's own will be, unless it is said to be elsewhere. */
function archiveWithDefaults<T extends Archived>(archived: T, backup: Written["backup"]) {
  const { cluster, bucket, endpoint = backup.endpoint, ca, region } = archived;
  // A server of one's own at backup.endpoint has one certificate, whoever asks it.
  const known = endpoint === backup.endpoint ? (ca ?? backup.ca) : ca;
  return {
    ...archived,
    bucket: bucket ?? backup.bucket ?? `${cluster}-wal`,
    region: region ?? backup.region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(known === undefined ? {} : { ca: known }),
  };
}
