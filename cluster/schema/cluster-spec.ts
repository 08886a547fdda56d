import type { z } from "zod";
import { endpointName, s3Endpoint } from "../aws/names.ts";
import { endpointAddress, subnetOf } from "../placement/addresses.ts";
import { firstPortOf } from "../placement/ports.ts";
import { placeOf } from "../placement/replica-places.ts";
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
  const { restoreFrom: origin, standbyOf: source, ...others } = written;
  const elsewhere = <T extends Archived>(archived: T) =>
    archiveWithDefaults(archived, written.platform, backup);
  return {
    ...others,
    ...(origin === undefined ? {} : { restoreFrom: elsewhere(origin) }),
    ...(source === undefined ? {} : { standbyOf: elsewhere(source) }),
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
    backup: backupWithDefaults(name, backup, images),
    replicas: written.replicas.map((replica) => replicaWithDefaults(replica, written)),
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

function replicaWithDefaults(
  replica: Written["replicas"][number],
  { placement: { zones }, resources }: Written,
) {
  const { zone = zones.find(({ witness }) => !witness)?.name ?? "", memory = resources.memory } = replica;
  const { cpus = resources.cpus, ...others } = replica;
  const { place = placeOf(replica.name) } = replica;
  return { ...others, zone, memory, place, ...(cpus === undefined ? {} : { cpus }) };
}

function backupWithDefaults(name: string, written: Written["backup"], images: ImageNames) {
  const { second, ...backup } = written;
  const bucket = backup.bucket ?? `${name}-wal`;
  const image = backup.image ?? images.s3 ?? publishedImages.s3;
  return {
    ...{ ...backup, bucket, image },
    ...(second === undefined ? {} : { second: secondWithDefaults(second, { ...backup, bucket }) }),
  };
}

/** The second bucket differs from the first by what is written, and by nothing else. */
function secondWithDefaults(
  { bucket, region, endpoint, ca }: NonNullable<Written["backup"]["second"]>,
  backup: Omit<Written["backup"], "second" | "bucket"> & { readonly bucket: string },
) {
  return {
    ...{ bucket: bucket ?? backup.bucket, region: region ?? backup.region },
    ...reached({ endpoint, ca }, backup),
  };
}

/** Where a bucket is reached. A server of one's own at `backup.endpoint` has one certificate, whoever asks it. */
function reached(
  { endpoint: written, ca }: { readonly endpoint?: string | undefined; readonly ca?: string | undefined },
  backup: Pick<Written["backup"], "endpoint" | "ca">,
) {
  const endpoint = written ?? backup.endpoint;
  const known = endpoint === backup.endpoint ? (ca ?? backup.ca) : ca;
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(known === undefined ? {} : { ca: known }),
  };
}

/**
 * The other cluster's archive is where this cluster's own will be, unless it is said to be elsewhere. On AWS each cluster makes
 * a bucket for itself, and all are at S3.
 */
function archiveWithDefaults<T extends Archived>(
  archived: T,
  platform: Written["platform"],
  backup: Written["backup"],
) {
  const { cluster, bucket, endpoint, ca, region = backup.region } = archived;
  const [shared, server] = platform === "aws" ? [undefined, s3Endpoint(region)] : [backup.bucket, undefined];
  return {
    ...archived,
    bucket: bucket ?? shared ?? `${cluster}-wal`,
    region,
    ...reached({ endpoint: endpoint ?? server, ca }, backup),
  };
}

interface Archived {
  readonly cluster: string;
  readonly bucket?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly ca?: string | undefined;
  readonly region?: string | undefined;
}
