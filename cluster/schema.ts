import { z } from "zod";
import {
  imageName,
  mapping,
  oneNumberOf,
  oneWordOf,
  quantity,
  say,
  text,
  wholeNumber,
} from "./schema-fields.ts";

const postgresql = mapping({
  /** Major version. @default 17 */
  version: oneNumberOf(
    [14, 15, 16, 17, 18],
    "Set postgresql.version to a version that the image carries.",
  ).default(17),
  /** Parameters of postgresql.conf by name; a value may have a unit, such as `64MB`. @default {} */
  parameters: z
    .record(
      z.string(),
      z.union(
        [z.string(), z.number(), z.boolean()],
        say(
          "must be a text, a number, or on or off",
          "Write the value as postgresql.conf takes it, such as 64MB.",
        ),
      ),
      say(
        "must be a mapping of parameter names to values",
        "Write for example parameters: { work_mem: 64MB }.",
      ),
    )
    .default({}),
});

const resources = mapping({
  /** Memory limit of each member. @default none: no limit is set, and shared_buffers stays at 128MB */
  memory: quantity("MB", "256MB", "16TB", "Write for example memory: 2GB.").optional(),
  /** Processors for each member; a fraction is allowed. @default none: no limit is set */
  cpus: z
    .number(say("must be a number from 0.1 to 512", "Write for example cpus: 2."))
    .min(0.1, say("must be a number from 0.1 to 512", "Write for example cpus: 2."))
    .max(512, say("must be a number from 0.1 to 512", "Write for example cpus: 2."))
    .optional(),
  /** Shared memory of each member, which parallel queries use. @default 256MB */
  shm: quantity("MB", "64MB", "1TB", "Write for example shm: 256MB.").default("256MB"),
});

const synchronous = mapping({
  /** Who must have a commit before it is acknowledged. @default quorum; off for a single member */
  mode: oneWordOf(["off", "on", "quorum"], "Set synchronous.mode to quorum, or remove it.").optional(),
  /** How many standbys must have a commit. @default 1 */
  count: wholeNumber(1, 8, "Set synchronous.count to 1, or remove it.").default(1),
  /** Without enough standbys: `preferred` goes on, `required` stops writes. @default preferred */
  durability: oneWordOf(["preferred", "required"], "Set synchronous.durability to one of the two.").default(
    "preferred",
  ),
});

const privateSubnet =
  /^(10\.(25[0-5]|2[0-4]\d|1?\d?\d)|172\.(1[6-9]|2\d|3[01])|192\.168)\.(25[0-5]|2[0-4]\d|1?\d?\d)\.0\/24$/;

const network = mapping({
  /** A private /24 of the cluster's own. @default one in 10.64.0.0/10, from the name by a stable hash */
  subnet: text(
    privateSubnet,
    "must be a private IPv4 network of the form a.b.c.0/24",
    "Choose a free one such as 10.90.7.0/24, or remove the key.",
  ).optional(),
});

const etcd = mapping({
  /** Voters of the etcd cluster. @default 3 */
  voters: oneNumberOf(
    [1, 3, 5],
    "Set etcd.voters to 3: an even number survives no more than one less.",
  ).default(3),
  /** @default quay.io/coreos/etcd:v3.5.21 */
  image: imageName().optional(),
});

const port = () => wholeNumber(1, 65535, "Choose a port that clients can use, such as 5000.");

const endpoint = mapping({
  /** Ports of the address that clients use. */
  ports: mapping({
    /** Leads to the leader. @default 5000 */
    readWrite: port().default(5000),
    /** Leads to replicas that lag 16 MiB at most, and to the leader when there are none. @default 5001 */
    readOnly: port().default(5001),
  }).prefault({}),
  /** @default pulumi-spilo/proxy:1 */
  image: imageName().optional(),
});

const cronField = "[0-9*][0-9*/,-]*";

const backup = mapping({
  /** Bucket for WAL and base backups. @default `<name>-wal` */
  bucket: text(
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    "must be a bucket name: 3 to 63 characters of a-z 0-9 . -, not beginning or ending with . or -",
    "Rename it, or remove the key for <name>-wal.",
  ).optional(),
  /** An S3 endpoint of your own. @default none: the stack runs an S3 server */
  endpoint: text(
    /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/?$/,
    "must be a URL of scheme, host and port, without a path and without credentials",
    "Write for example https://s3.eu-central-1.amazonaws.com, or remove the key.",
  ).optional(),
  /** @default us-east-1 */
  region: text(
    /^[a-z0-9-]{2,30}$/,
    "must be a region such as us-east-1",
    "Write the bucket's region.",
  ).default("us-east-1"),
  /** When base backups are made: a cron line, UTC. @default "0 1 * * *" */
  schedule: text(
    new RegExp(`^${cronField}( ${cronField}){4}$`),
    "must be a cron line of five fields, of digits and * / , -",
    'Write for example "0 1 * * *": every day at 01:00 UTC.',
  ).default("0 1 * * *"),
  /** How many days back a restore can go. @default 14 */
  retainDays: wholeNumber(
    2,
    3650,
    "Set backup.retainDays to 14, or to what you need within that range.",
  ).default(14),
  /** The longest that a commit waits for its WAL to be archived. @default 60s */
  archiveTimeout: quantity("s", "10s", "1h", "Write for example archiveTimeout: 60s.").default("60s"),
  /** Image of the S3 server. @default pulumi-spilo/s3:1 */
  image: imageName().optional(),
});

const zone = mapping({
  /** @default local */
  name: text(
    /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/,
    "must be 1 to 40 characters of a-z 0-9 -, not beginning or ending with -",
    "Write for example name: a.",
  ).default("local"),
  /** The Docker engine of this zone. @default unix:///var/run/docker.sock */
  host: text(
    /^(unix:\/\/\/\S+|tcp:\/\/[^\s/]+:\d+|ssh:\/\/\S+)$/,
    "must be an engine's address: unix:///path, tcp://host:port or ssh://user@host",
    "Write for example host: unix:///var/run/docker.sock.",
  ).default("unix:///var/run/docker.sock"),
});

const oneZone = say(
  "must be a list of exactly one zone",
  "Write zones: [ { name: local } ], or remove the key.",
);

const placement = mapping({
  /** `zonal`: all members in one zone. @default zonal */
  mode: oneWordOf(["zonal"], "Set placement.mode to zonal, or remove it.").default("zonal"),
  /** @default one zone, local, the engine of this host */
  zones: z.tuple([zone], oneZone).default([{ name: "local", host: "unix:///var/run/docker.sock" }]),
});

/** What a user writes. Defaults that follow from other keys are completed by `parseSpec`. */
export const clusterSchema = mapping({
  /** Names the cluster and all its parts. Required. */
  name: text(
    /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/,
    "must be 1 to 40 characters of a-z 0-9 -, not beginning or ending with -",
    "Choose a name such as orders.",
  ),
  /** @default docker */
  platform: oneWordOf(["docker"], "Set platform to docker, or remove it.").default("docker"),
  /** Spilo's image. @default ghcr.io/zalando/spilo-17:4.0-p3 */
  image: imageName().optional(),
  postgresql: postgresql.prefault({}),
  /** PostgreSQL servers, the leader included. @default 3 */
  members: wholeNumber(1, 9, "Set members to 3, or to what you need within that range.").default(3),
  resources: resources.prefault({}),
  synchronous: synchronous.prefault({}),
  network: network.prefault({}),
  etcd: etcd.prefault({}),
  endpoint: endpoint.prefault({}),
  backup: backup.prefault({}),
  placement: placement.prefault({}),
});

/** Names of the images on this machine, written by what prepares it; each is the default of its key. */
export const imagesSchema = mapping({
  spilo: imageName().optional(),
  etcd: imageName().optional(),
  proxy: imageName().optional(),
  s3: imageName().optional(),
});
