import { z } from "zod";
import { aws } from "./schema-aws.ts";
import { backup } from "./schema-backup.ts";
import {
  imageName,
  mapping,
  oneNumberOf,
  oneWordOf,
  quantity,
  say,
  text,
  wholeNumber,
  yesOrNo,
} from "./schema-fields.ts";
import { placement } from "./schema-placement.ts";
import { replicas } from "./schema-replicas.ts";
import { restoreFrom, standbyOf } from "./schema-restore.ts";
import { keptSlots, logicalSlots } from "./schema-slots.ts";
import { owner, ttl } from "./schema-test-clusters.ts";
import { maintenance, rotation } from "./schema-upkeep.ts";

const postgresql = mapping({
  version: oneNumberOf([14, 15, 16, 17, 18], "Set postgresql.version to a version that the image carries.")
    .default(17)
    .meta({ description: "Major version" }),
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
    .default({})
    .meta({
      takes: "names and values",
      description: "Parameters of postgresql.conf; a value may have a unit, such as 64MB",
    }),
});

const resources = mapping({
  memory: quantity("MB", "256MB", "16TB", "Write for example memory: 2GB.")
    .default("2GB")
    .meta({ description: "Memory limit of each member; shared_buffers is a quarter of it" }),
  cpus: z
    .number(say("must be a number from 0.1 to 512", "Write for example cpus: 2."))
    .min(0.1, say("must be a number from 0.1 to 512", "Write for example cpus: 2."))
    .max(512, say("must be a number from 0.1 to 512", "Write for example cpus: 2."))
    .optional()
    .meta({
      takes: "a number from 0.1 to 512",
      description: "Processors for each member; a fraction is allowed",
      standard: "none: no limit is set",
    }),
  shm: quantity("MB", "64MB", "1TB", "Write for example shm: 256MB.")
    .default("256MB")
    .meta({ description: "Shared memory of each member, which parallel queries use" }),
  volume: quantity("MB", "1GB", "64TB", "Write for example volume: 100GB.").optional().meta({
    description:
      "Size that a member's data may grow to; declared on Docker, where nothing enforces it. WAL for slots has half of it",
    standard: "none: the host's disk",
  }),
});

const synchronous = mapping({
  mode: oneWordOf(["off", "on", "quorum"], "Set synchronous.mode to quorum, or remove it.").optional().meta({
    description: "Who must have a commit before it is acknowledged",
    standard: "quorum; off for a single member",
  }),
  count: wholeNumber(1, 8, "Set synchronous.count to 1, or remove it.")
    .default(1)
    .meta({ description: "How many standbys must have a commit" }),
  durability: oneWordOf(["preferred", "required"], "Set synchronous.durability to one of the two.")
    .default("preferred")
    .meta({ description: "Without enough standbys: preferred goes on, required stops writes" }),
});

const privateSubnet =
  /^(10\.(25[0-5]|2[0-4]\d|1?\d?\d)|172\.(1[6-9]|2\d|3[01])|192\.168)\.(25[0-5]|2[0-4]\d|1?\d?\d)\.0\/24$/;

const network = mapping({
  subnet: text(
    privateSubnet,
    "must be a private IPv4 network of the form a.b.c.0/24",
    "Choose a free one such as 10.90.7.0/24, or remove the key.",
  )
    .optional()
    .meta({
      description: "A private /24 of the cluster's own; over several zones nothing is in it",
      standard: "one in 10.64.0.0/10, from the name by a stable hash",
    }),
  firstPort: wholeNumber(1024, 65436, "Write for example firstPort: 21000.").optional().meta({
    description: "Over several zones: the first of the hundred ports that parts use on their hosts",
    standard: "one from 20000 to 31900, from the name by a stable hash",
  }),
});

const etcd = mapping({
  voters: oneNumberOf([1, 3, 5], "Set etcd.voters to 3: an even number survives no more than one less.")
    .default(3)
    .meta({ description: "Voters of the etcd cluster" }),
  image: imageName()
    .optional()
    .meta({ description: "Image of a voter", standard: "quay.io/coreos/etcd:v3.5.21" }),
});

const port = () => wholeNumber(1, 65535, "Choose a port that clients can use, such as 5000.");

const endpoint = mapping({
  ports: mapping({
    readWrite: port().default(5000).meta({ description: "Leads to the leader" }),
    readOnly: port().default(5001).meta({
      description: "Leads to replicas that lag 16 MiB at most, and to the leader when there are none",
    }),
    replicas: port().default(5002).meta({
      description:
        "Leads to the read replicas (`replicas`), where there are any; else to where readOnly does",
    }),
    pooled: port().default(6432).meta({
      description: "Leads to the leader through a connection pool, where there is one",
    }),
  })
    .prefault({})
    .meta({ description: "Ports of the address that clients use" }),
  vip: text(
    /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/,
    "must be an IPv4 address in network.subnet",
    "Write for example vip: 10.90.7.10, or remove the key for the tenth address of the subnet.",
  )
    .optional()
    .meta({
      description: "The one address of all proxies",
      standard: "the tenth of the subnet; over several zones none: each has a proxy of its own",
    }),
  pooled: yesOrNo("Set endpoint.pooled to true, or remove it.").default(false).meta({
    description:
      "A port with a connection pool, transaction by transaction, for clients that need no session",
  }),
  standbys: yesOrNo("Set endpoint.standbys to true, or remove it.").default(false).meta({
    description:
      "Lets standby clusters stream through it: with a certificate of this cluster's authority, and the password",
  }),
  names: z
    .array(
      text(
        /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
        "must be a DNS name in lower case, such as db.example.org",
        "Write for example names: [ db.example.org ].",
      ),
      say("must be a list of DNS names", "Write for example names: [ db.example.org ]."),
    )
    .default([])
    .meta({
      takes: "a list of DNS names",
      description: "Names that clients know the endpoint by; certificates carry them",
    }),
  image: imageName()
    .optional()
    .meta({ description: "Image of the proxies", standard: "pulumi-spilo/proxy:1" }),
});

const tls = mapping({
  ca: oneWordOf(["generated", "given"], "Set tls.ca to generated, or remove it.")
    .default("generated")
    .meta({ description: "Who signs the certificates: an authority of the cluster's own, or yours" }),
  leafDays: wholeNumber(1, 397, "Set tls.leafDays to 397, or to what you need within that range.")
    .default(397)
    .meta({ description: "Days that the certificate of a part is good for" }),
});

const recovery = mapping({
  objective: oneWordOf(["fast", "normal", "wide"], "Set recovery.objective to normal, or remove it.")
    .default("normal")
    .meta({ description: "How soon a lost leader is replaced, against how much disturbance is borne" }),
  acceptDataLoss: yesOrNo("Write recovery.acceptDataLoss: true, or remove it.")
    .default(false)
    .meta({ description: "Allows a fast objective without synchronous commit" }),
});

const identifier = (key: string) =>
  text(
    /^[a-z][a-z0-9_]{0,59}$/,
    "must be 1 to 60 characters of a-z 0-9 _, beginning with a letter",
    `Write for example ${key}: orders.`,
  );

const application = mapping({
  database: identifier("database").default("app").meta({ description: "The application's database" }),
  role: identifier("role")
    .default("app")
    .meta({ description: "The role that owns the database; it cannot log in, its members do" }),
});

/** What a user writes. Defaults that follow from other keys are completed by `parseSpec`. */
export const clusterSchema = mapping({
  name: text(
    /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/,
    "must be 1 to 40 characters of a-z 0-9 -, not beginning or ending with -",
    "Choose a name such as orders.",
  ).meta({ description: "Names the cluster and all its parts" }),
  platform: oneWordOf(["docker", "aws"], "Set platform to docker, or remove it.")
    .default("docker")
    .meta({ description: "What the cluster runs on: engines of Docker, or machines of AWS" }),
  aws: aws.optional().meta({ description: "Where and of what machines a cluster on AWS is made" }),
  image: imageName()
    .optional()
    .meta({ description: "Spilo's image", standard: "ghcr.io/zalando/spilo-17:4.0-p3" }),
  postgresql: postgresql.prefault({}).meta({ description: "Version and parameters of the servers" }),
  members: wholeNumber(1, 9, "Set members to 3, or to what you need within that range.")
    .default(3)
    .meta({ description: "PostgreSQL servers, the leader included" }),
  resources: resources.prefault({}).meta({ description: "How much of its host each member has" }),
  synchronous: synchronous
    .prefault({})
    .meta({ description: "Who must have a commit before it is acknowledged" }),
  recovery: recovery.prefault({}).meta({ description: "How soon a lost leader is replaced" }),
  network: network.prefault({}).meta({ description: "Addresses and ports that the parts have" }),
  etcd: etcd.prefault({}).meta({ description: "The etcd cluster that decides who leads" }),
  endpoint: endpoint.prefault({}).meta({ description: "Where clients connect" }),
  backup: backup.prefault({}).meta({ description: "Where WAL and base backups go, when, and for how long" }),
  restoreFrom: restoreFrom
    .optional()
    .meta({ description: "The archive that a new cluster is made from, and up to where" }),
  replicas,
  standbyOf: standbyOf
    .optional()
    .meta({ description: "The cluster that this one follows until it is promoted" }),
  tls: tls.prefault({}).meta({ description: "Who signs the certificates, and how long they are good for" }),
  rotation: rotation
    .prefault({})
    .meta({ description: "What the next update replaces: passwords, logins, the authority" }),
  maintenance: maintenance
    .prefault({})
    .meta({ description: "When work may be done that applications may notice" }),
  application: application.prefault({}).meta({ description: "The database that the cluster is made with" }),
  logicalSlots,
  keptSlots,
  placement: placement.prefault({}).meta({ description: "Where the parts of the cluster stand" }),
  deletionProtection: yesOrNo("Write deletionProtection: true or false.").optional().meta({
    description: "Refuses to take the cluster down, and keeps the volumes of members that leave",
    standard: "true; false for the stack dev",
  }),
  finalBackup: yesOrNo("Write finalBackup: true or false.").optional().meta({
    description: "Makes a last base backup before the cluster is taken down, and keeps it",
    standard: "true; false for the stack dev",
  }),
  ttl,
  owner,
});

/** Names of the images on this machine, written by what prepares it; each is the default of its key. */
export const imagesSchema = mapping({
  spilo: imageName().optional(),
  etcd: imageName().optional(),
  proxy: imageName().optional(),
  s3: imageName().optional(),
});
