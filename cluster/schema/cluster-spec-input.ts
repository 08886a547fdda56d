/**
 * What may be written as a specification. Made by `node --import tsx toolchain/catalogue/main.ts types` from the schema that
 * a specification is checked with.
 */

/** What a user may write; all but the name has a default. */
export interface ClusterSpecInput {
  /**
   * Names the cluster and all its parts.
   * Takes 1 to 40 characters of a-z 0-9 -, not beginning or ending with -.
   */
  name: string;
  /**
   * What the cluster runs on: engines of Docker, or machines of AWS.
   * @default "docker"
   */
  platform?: "docker" | "aws" | undefined;
  /** Where and of what machines a cluster on AWS is made. */
  aws?: AwsInput | undefined;
  /**
   * Spilo's image.
   * Takes an image name such as registry.example/name:tag, in lower case.
   * @default ghcr.io/zalando/spilo-17:4.0-p3
   */
  image?: string | undefined;
  /** Version and parameters of the servers. */
  postgresql?: PostgresqlInput | undefined;
  /**
   * PostgreSQL servers, the leader included.
   * Takes a whole number from 1 to 9.
   * @default 3
   */
  members?: number | undefined;
  /** How much of its host each member has. */
  resources?: ResourcesInput | undefined;
  /** Who must have a commit before it is acknowledged. */
  synchronous?: SynchronousInput | undefined;
  /** How soon a lost leader is replaced. */
  recovery?: RecoveryInput | undefined;
  /** Addresses and ports that the parts have. */
  network?: NetworkInput | undefined;
  /** The etcd cluster that decides who leads. */
  etcd?: EtcdInput | undefined;
  /** Where clients connect. */
  endpoint?: EndpointInput | undefined;
  /** Where WAL and base backups go, when, and for how long. */
  backup?: BackupInput | undefined;
  /** The archive that a new cluster is made from, and up to where. */
  restoreFrom?: RestoreFromInput | undefined;
  /**
   * Read replicas, which never lead.
   * Takes a list of 9 at most.
   * @default []
   */
  replicas?: ReplicaInput[] | undefined;
  /** The cluster that this one follows until it is promoted. */
  standbyOf?: StandbyOfInput | undefined;
  /** Who signs the certificates, and how long they are good for. */
  tls?: TlsInput | undefined;
  /** What the next update replaces: passwords, logins, the authority. */
  rotation?: RotationInput | undefined;
  /** When work may be done that applications may notice. */
  maintenance?: MaintenanceInput | undefined;
  /** The database that the cluster is made with. */
  application?: ApplicationInput | undefined;
  /**
   * Logical replication slots that outlive a switchover and a failover.
   * Takes a list of slots.
   * @default []
   */
  logicalSlots?: LogicalSlotInput[] | undefined;
  /**
   * Slots made by hand that are left alone; any other that is idle is dropped.
   * Takes a list of names of slots.
   * @default []
   */
  keptSlots?: string[] | undefined;
  /** Where the parts of the cluster stand. */
  placement?: PlacementInput | undefined;
  /**
   * Refuses to take the cluster down, and keeps the volumes of members that leave.
   * @default true; false for the stack dev
   */
  deletionProtection?: boolean | undefined;
  /**
   * Makes a last base backup before the cluster is taken down, and keeps it.
   * @default true; false for the stack dev
   */
  finalBackup?: boolean | undefined;
  /**
   * How long a test cluster lives after its last `pulumi up`, until `spiloctl sweep` may take it.
   * Takes a quantity with a unit (us, ms, s, min, h, d) from 1min to 365d.
   * @default none: for ever
   */
  ttl?: string | undefined;
  /**
   * Whose a cluster is, for `spiloctl sweep` to tell.
   * Takes a text of 1 to 100 characters.
   * @default none
   */
  owner?: string | undefined;
}

/** What stands under `aws`. */
export interface AwsInput {
  /**
   * Region of the cluster.
   * Takes a region such as eu-central-1.
   * @default none: required on aws
   */
  region?: string | undefined;
  /**
   * Size of the members.
   * Takes an instance type such as m7g.large.
   * @default "m7g.large"
   */
  instanceType?: string | undefined;
  /**
   * Size of the voters, each of which is a machine of its own.
   * Takes an instance type such as t4g.small.
   * @default t4g.small; t3.small where instanceType is not of ARM
   */
  voterType?: string | undefined;
  /**
   * Machine image: a Debian one, or one with Docker and cloud-init in it.
   * Takes the id of a machine image.
   * @default none: required on aws
   */
  ami?: string | undefined;
  /**
   * An existing VPC.
   * Takes the id of a VPC.
   * @default none: one is made
   */
  vpc?: string | undefined;
  /**
   * Subnets of the existing VPC, one for each of placement.zones and in their order.
   * Takes a list of subnets.
   * @default none: they are made
   */
  subnets?: AwsSubnetInput[] | undefined;
  /**
   * Who may connect to the endpoint.
   * Takes a list of networks.
   * @default network.subnet; required with aws.vpc
   */
  clients?: string[] | undefined;
  /**
   * From where Pulumi and spiloctl reach members and voters.
   * Takes a list of networks.
   * @default network.subnet, nobody with reach: ssm to the machines; required with aws.vpc
   */
  operators?: string[] | undefined;
  /**
   * The key pair that actions log in to the machines with.
   * Takes the name of a key pair.
   * @default required on aws
   */
  keyPair?: string | undefined;
  /**
   * The endpoint's name.
   * @default db.<name>.internal, in a private zone that is made
   */
  dns?: AwsDnsInput | undefined;
  /**
   * A second region.
   * @default none
   */
  replica?: AwsReplicaInput | undefined;
  /**
   * How Pulumi and spiloctl reach the machines: from inside the VPC, by a bastion, or by a session of Systems
   * Manager.
   * @default "direct"
   */
  reach?: "direct" | "bastion" | "ssm" | undefined;
  /**
   * A machine that reaches the members.
   * @default required with reach: bastion
   */
  bastion?: AwsBastionInput | undefined;
  /**
   * Of reach: ssm.
   * @default the cluster's own machines
   */
  ssm?: AwsSsmInput | undefined;
  /**
   * Whether the machines have the agent of Systems Manager, and the rights that it needs.
   * @default true with reach: ssm to them, otherwise false
   */
  ssmAgent?: boolean | undefined;
}

/** What an element of `aws.subnets` has. */
export interface AwsSubnetInput {
  /**
   * The subnet.
   * Takes the id of a subnet.
   */
  id: string;
  /**
   * Its network: members have .11 to .19 of it, voters .21 to .25, read replicas the rest up to .30.
   * Takes a network of the form a.b.c.d/n.
   */
  cidr: string;
}

/** What stands under `aws.dns`. */
export interface AwsDnsInput {
  /**
   * A hosted zone of Route 53.
   * Takes the id of a hosted zone.
   */
  zoneId: string;
  /**
   * The endpoint's name in it.
   * Takes a DNS name in lower case, such as orders.example.org.
   */
  name: string;
}

/** What stands under `aws.replica`. */
export interface AwsReplicaInput {
  /**
   * Region that the bucket is replicated to.
   * Takes a region such as eu-central-1.
   */
  region: string;
  /**
   * The bucket there, which is made.
   * Takes a bucket name: 3 to 63 characters of a-z 0-9 . -.
   */
  bucket: string;
}

/** What stands under `aws.bastion`. */
export interface AwsBastionInput {
  /**
   * Where ssh logs in.
   * Takes a name or an address, or an alias of ssh's configuration.
   */
  host: string;
  /**
   * As whom.
   * Takes the name of a user over there.
   * @default "admin"
   */
  user?: string | undefined;
  /**
   * At which port.
   * Takes a whole number from 1 to 65535.
   * @default 22
   */
  port?: number | undefined;
}

/** What stands under `aws.ssm`. */
export interface AwsSsmInput {
  /**
   * A machine that reaches the members, and has the agent of Systems Manager.
   * Takes the id of a machine.
   * @default one of the cluster's own, a voter first
   */
  instance?: string | undefined;
  /**
   * As whom ssh logs in there.
   * Takes the name of a user over there.
   * @default "admin"
   */
  user?: string | undefined;
}

/** What stands under `postgresql`. */
export interface PostgresqlInput {
  /**
   * Major version.
   * @default 17
   */
  version?: 14 | 15 | 16 | 17 | 18 | undefined;
  /**
   * Parameters of postgresql.conf; a value may have a unit, such as 64MB.
   * Takes names and values.
   * @default {}
   */
  parameters?: Record<string, string | number | boolean> | undefined;
}

/** What stands under `resources`. */
export interface ResourcesInput {
  /**
   * Memory limit of each member; shared_buffers is a quarter of it.
   * Takes a quantity with a unit (B, kB, MB, GB, TB) from 256MB to 16TB.
   * @default "2GB"
   */
  memory?: string | undefined;
  /**
   * Processors for each member; a fraction is allowed.
   * Takes a number from 0.1 to 512.
   * @default none: no limit is set
   */
  cpus?: number | undefined;
  /**
   * Shared memory of each member, which parallel queries use.
   * Takes a quantity with a unit (B, kB, MB, GB, TB) from 64MB to 1TB.
   * @default "256MB"
   */
  shm?: string | undefined;
  /**
   * Size that a member's data may grow to; declared on Docker, where nothing enforces it. WAL for slots has
   * half of it.
   * Takes a quantity with a unit (B, kB, MB, GB, TB) from 1GB to 64TB.
   * @default none: the host's disk
   */
  volume?: string | undefined;
}

/** What stands under `synchronous`. */
export interface SynchronousInput {
  /**
   * Who must have a commit before it is acknowledged.
   * @default quorum; off for a single member
   */
  mode?: "off" | "on" | "quorum" | undefined;
  /**
   * How many standbys must have a commit.
   * Takes a whole number from 1 to 8.
   * @default 1
   */
  count?: number | undefined;
  /**
   * Without enough standbys: preferred goes on, required stops writes.
   * @default "preferred"
   */
  durability?: "preferred" | "required" | undefined;
}

/** What stands under `recovery`. */
export interface RecoveryInput {
  /**
   * How soon a lost leader is replaced, against how much disturbance is borne.
   * @default "normal"
   */
  objective?: "fast" | "normal" | "wide" | undefined;
  /**
   * Allows a fast objective without synchronous commit.
   * @default false
   */
  acceptDataLoss?: boolean | undefined;
}

/** What stands under `network`. */
export interface NetworkInput {
  /**
   * A private /24 of the cluster's own; over several zones nothing is in it.
   * Takes a private IPv4 network of the form a.b.c.0/24.
   * @default one in 10.64.0.0/10, from the name by a stable hash
   */
  subnet?: string | undefined;
  /**
   * Over several zones: the first of the hundred ports that parts use on their hosts.
   * Takes a whole number from 1024 to 65436.
   * @default one from 20000 to 31900, from the name by a stable hash
   */
  firstPort?: number | undefined;
}

/** What stands under `etcd`. */
export interface EtcdInput {
  /**
   * Voters of the etcd cluster.
   * @default 3
   */
  voters?: 1 | 3 | 5 | undefined;
  /**
   * Image of a voter.
   * Takes an image name such as registry.example/name:tag, in lower case.
   * @default quay.io/coreos/etcd:v3.5.21
   */
  image?: string | undefined;
}

/** What stands under `endpoint`. */
export interface EndpointInput {
  /** Ports of the address that clients use. */
  ports?: EndpointPortsInput | undefined;
  /**
   * The one address of all proxies.
   * Takes an IPv4 address in network.subnet.
   * @default the tenth of the subnet; over several zones none: each has a proxy of its own
   */
  vip?: string | undefined;
  /**
   * A port with a connection pool, transaction by transaction, for clients that need no session.
   * @default false
   */
  pooled?: boolean | undefined;
  /**
   * Lets standby clusters stream through it: with a certificate of this cluster's authority, and the
   * password.
   * @default false
   */
  standbys?: boolean | undefined;
  /**
   * Names that clients know the endpoint by; certificates carry them.
   * Takes a list of DNS names.
   * @default []
   */
  names?: string[] | undefined;
  /**
   * Image of the proxies.
   * Takes an image name such as registry.example/name:tag, in lower case.
   * @default pulumi-spilo/proxy:1
   */
  image?: string | undefined;
}

/** What stands under `endpoint.ports`. */
export interface EndpointPortsInput {
  /**
   * Leads to the leader.
   * Takes a whole number from 1 to 65535.
   * @default 5000
   */
  readWrite?: number | undefined;
  /**
   * Leads to replicas that lag 16 MiB at most, and to the leader when there are none.
   * Takes a whole number from 1 to 65535.
   * @default 5001
   */
  readOnly?: number | undefined;
  /**
   * Leads to the read replicas (`replicas`), where there are any; else to where readOnly does.
   * Takes a whole number from 1 to 65535.
   * @default 5002
   */
  replicas?: number | undefined;
  /**
   * Leads to the leader through a connection pool, where there is one.
   * Takes a whole number from 1 to 65535.
   * @default 6432
   */
  pooled?: number | undefined;
}

/** What stands under `backup`. */
export interface BackupInput {
  /**
   * Bucket for WAL and base backups.
   * Takes a bucket name: 3 to 63 characters of a-z 0-9 . -, not beginning or ending with . or -.
   * @default <name>-wal
   */
  bucket?: string | undefined;
  /**
   * An S3 endpoint of your own.
   * Takes a URL of https, host and port, without a path and without credentials.
   * @default none: the stack runs an S3 server
   */
  endpoint?: string | undefined;
  /**
   * The authority that has signed the certificate of backup.endpoint.
   * Takes one certificate or several in PEM, from -----BEGIN CERTIFICATE----- on, and no key.
   * @default none: those that everybody knows
   */
  ca?: string | undefined;
  /**
   * Region of the bucket.
   * Takes a region such as us-east-1.
   * @default "us-east-1"
   */
  region?: string | undefined;
  /** A second place for the same, which outlives the first. */
  second?: BackupSecondInput | undefined;
  /**
   * When base backups are made: a cron line, UTC.
   * Takes a cron line of five fields, of digits and * / , -.
   * @default "0 1 * * *"
   */
  schedule?: string | undefined;
  /**
   * How many days back a restore can go.
   * Takes a whole number from 2 to 3650.
   * @default 14
   */
  retainDays?: number | undefined;
  /**
   * The longest that a commit waits for its WAL to be archived.
   * Takes a quantity with a unit (us, ms, s, min, h, d) from 10s to 1h.
   * @default "60s"
   */
  archiveTimeout?: string | undefined;
  /**
   * Image of the S3 server.
   * Takes an image name such as registry.example/name:tag, in lower case.
   * @default pulumi-spilo/s3:1
   */
  image?: string | undefined;
}

/** What stands under `backup.second`. */
export interface BackupSecondInput {
  /**
   * Bucket that WAL and base backups are copied to.
   * Takes a bucket name: 3 to 63 characters of a-z 0-9 . -, not beginning or ending with . or -.
   * @default backup.bucket
   */
  bucket?: string | undefined;
  /**
   * The S3 endpoint that it is at.
   * Takes a URL of https, host and port, without a path and without credentials.
   * @default backup.endpoint
   */
  endpoint?: string | undefined;
  /**
   * The authority that has signed the certificate of backup.second.endpoint.
   * Takes one certificate or several in PEM, from -----BEGIN CERTIFICATE----- on, and no key.
   * @default backup.ca at backup.endpoint; else those that everybody knows
   */
  ca?: string | undefined;
  /**
   * Region of that bucket.
   * Takes a region such as us-east-1.
   * @default backup.region
   */
  region?: string | undefined;
}

/** What stands under `restoreFrom`. */
export interface RestoreFromInput {
  /**
   * Whose backups the cluster is made from, when it is made.
   * Takes the name of a cluster: 1 to 40 characters of a-z 0-9 -.
   */
  cluster: string;
  /**
   * Which life of that cluster; each has a prefix of its own in the bucket.
   * Takes 1 to 32 characters of a-z and 0-9.
   * @default the one that reaches there, or the only one
   */
  incarnation?: string | undefined;
  /**
   * Commits up to then are in it.
   * Takes a time with a zone, such as 2026-03-01T12:00:00Z.
   * @default none
   */
  time?: string | undefined;
  /**
   * What was written before that position is in it.
   * Takes a WAL position such as 0/35290B60.
   * @default none
   */
  lsn?: string | undefined;
  /**
   * All that is archived is in it.
   * @default true without time and lsn
   */
  latest?: boolean | undefined;
  /**
   * The bucket that the backups are in.
   * Takes a bucket name: 3 to 63 characters of a-z 0-9 . -, not beginning or ending with . or -.
   * @default backup.bucket where that is set and platform is docker, else <restoreFrom.cluster>-wal
   */
  bucket?: string | undefined;
  /**
   * The S3 endpoint that the bucket is at.
   * Takes a URL of https, host and port, without a path and without credentials.
   * @default backup.endpoint; on aws that of S3
   */
  endpoint?: string | undefined;
  /**
   * The authority that has signed the certificate of restoreFrom.endpoint.
   * Takes one certificate or several in PEM, from -----BEGIN CERTIFICATE----- on, and no key.
   * @default backup.ca at backup.endpoint; else those that everybody knows
   */
  ca?: string | undefined;
  /**
   * Region of the bucket.
   * Takes a region such as us-east-1.
   * @default backup.region
   */
  region?: string | undefined;
}

/** What an element of `replicas` has. */
export interface ReplicaInput {
  /**
   * Names the replica.
   * Takes 1 to 20 characters of a-z 0-9 -, beginning with a letter and not ending with -.
   */
  name: string;
  /**
   * Where it stands.
   * Takes the name of a zone.
   * @default the first zone that holds data
   */
  zone?: string | undefined;
  /**
   * Its memory limit; shared_buffers is a quarter of it.
   * Takes a quantity with a unit (B, kB, MB, GB, TB) from 256MB to 16TB.
   * @default resources.memory
   */
  memory?: string | undefined;
  /**
   * Its processors; a fraction is allowed.
   * Takes a number from 0.1 to 512.
   * @default resources.cpus
   */
  cpus?: number | undefined;
  /**
   * On AWS, the type of its machine.
   * Takes an instance type such as m7g.xlarge.
   * @default aws.instanceType
   */
  instanceType?: string | undefined;
  /**
   * How long after its commit a change shows up there; such a replica takes no common readers.
   * Takes a quantity with a unit (us, ms, s, min, h, d) from 1s to 24d.
   * @default none
   */
  applyDelay?: string | undefined;
  /**
   * What it streams from: another replica, or a member such as orders-2.
   * Takes the name of a replica, or of a member without its zone.
   * @default the leader
   */
  upstream?: string | undefined;
  /**
   * Which of the addresses that are kept for replicas it has.
   * Takes a whole number from 1 to 13.
   * @default from its name, by a stable hash
   */
  place?: number | undefined;
}

/** What stands under `standbyOf`. */
export interface StandbyOfInput {
  /**
   * What the cluster follows until it is promoted.
   * Takes the name of a cluster: 1 to 40 characters of a-z 0-9 -.
   */
  cluster: string;
  /**
   * Where it streams from: the other cluster's endpoint, which leads to whoever leads there.
   * Takes host:port, or host,host:port.
   * @default none: from the archive alone
   */
  host?: string | undefined;
  /**
   * Which life of that cluster has the archive; with it, WAL is fetched from there as well.
   * Takes 1 to 32 characters of a-z and 0-9.
   * @default none: the archive is not read
   */
  incarnation?: string | undefined;
  /**
   * The bucket that the backups are in.
   * Takes a bucket name: 3 to 63 characters of a-z 0-9 . -, not beginning or ending with . or -.
   * @default backup.bucket where that is set and platform is docker, else <standbyOf.cluster>-wal
   */
  bucket?: string | undefined;
  /**
   * The S3 endpoint that the bucket is at.
   * Takes a URL of https, host and port, without a path and without credentials.
   * @default backup.endpoint; on aws that of S3
   */
  endpoint?: string | undefined;
  /**
   * The authority that has signed the certificate of standbyOf.endpoint.
   * Takes one certificate or several in PEM, from -----BEGIN CERTIFICATE----- on, and no key.
   * @default backup.ca at backup.endpoint; else those that everybody knows
   */
  ca?: string | undefined;
  /**
   * Region of the bucket.
   * Takes a region such as us-east-1.
   * @default backup.region
   */
  region?: string | undefined;
}

/** What stands under `tls`. */
export interface TlsInput {
  /**
   * Who signs the certificates: an authority of the cluster's own, or yours.
   * @default "generated"
   */
  ca?: "generated" | "given" | undefined;
  /**
   * Days that the certificate of a part is good for.
   * Takes a whole number from 1 to 397.
   * @default 397
   */
  leafDays?: number | undefined;
}

/** What stands under `rotation`. */
export interface RotationInput {
  /**
   * Raised by one, the next update replaces the passwords that the cluster's own parts log in with.
   * Takes a whole number from 1 to 1000000.
   * @default 1
   */
  passwords?: number | undefined;
  /**
   * Raised by one, the next update replaces the application's login and its password.
   * Takes a whole number from 1 to 1000000.
   * @default 1
   */
  application?: number | undefined;
  /**
   * Whether the application's former login still gets in.
   * @default "open"
   */
  formerApplication?: "open" | "closed" | undefined;
  /**
   * Raised by one, the next update replaces the authority and all certificates.
   * Takes a whole number from 1 to 1000000.
   * @default 1
   */
  authority?: number | undefined;
}

/** What stands under `maintenance`. */
export interface MaintenanceInput {
  /**
   * Day on which the window begins.
   * @default every day
   */
  day?: "sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | undefined;
  /**
   * When the window begins, by the clock of maintenance.timeZone.
   * Takes a time such as 02:30.
   * @default one at which it lies between 23:00 and 07:00, from the name by a stable hash
   */
  start?: string | undefined;
  /**
   * How long the window is.
   * Takes a whole number from 30 to 1440.
   * @default 60
   */
  minutes?: number | undefined;
  /**
   * The clock that the window goes by, summer time included.
   * Takes the name of a time zone.
   * @default "UTC"
   */
  timeZone?: string | undefined;
}

/** What stands under `application`. */
export interface ApplicationInput {
  /**
   * The application's database.
   * Takes 1 to 60 characters of a-z 0-9 _, beginning with a letter.
   * @default "app"
   */
  database?: string | undefined;
  /**
   * The role that owns the database; it cannot log in, its members do.
   * Takes 1 to 60 characters of a-z 0-9 _, beginning with a letter.
   * @default "app"
   */
  role?: string | undefined;
}

/** What an element of `logicalSlots` has. */
export interface LogicalSlotInput {
  /**
   * Name of the slot.
   * Takes a slot's name: 1 to 63 characters of a-z 0-9 _.
   */
  name: string;
  /**
   * Database whose changes it holds; the slot is made once that exists.
   * Takes a database's name: 1 to 63 characters of a-z 0-9 _ -.
   */
  database: string;
  /**
   * Output plugin; the image has to have it.
   * Takes the name of an output plugin: a-z 0-9 _.
   * @default "pgoutput"
   */
  plugin?: string | undefined;
}

/** What stands under `placement`. */
export interface PlacementInput {
  /**
   * Whether members stand in one zone (zonal) or in several.
   * @default "zonal"
   */
  mode?: "zonal" | "cross-zone" | undefined;
  /**
   * Where members stand.
   * Takes a list of one to nine zones.
   * @default one zone, local, the engine of this host
   */
  zones?: PlacementZoneInput[] | undefined;
  /**
   * The zone that the leader belongs in: a wish, which no update acts on.
   * Takes the name of a zone.
   * @default none
   */
  primaryZone?: string | undefined;
  /**
   * Stands in the zones that can be had, be it a single one, instead of not at all.
   * @default false
   */
  fallbackToSameZone?: boolean | undefined;
}

/** What an element of `placement.zones` has. */
export interface PlacementZoneInput {
  /**
   * Names the zone.
   * Takes 1 to 40 characters of a-z 0-9 -, not beginning or ending with -.
   * @default "local"
   */
  name?: string | undefined;
  /**
   * The Docker engine of this zone.
   * Takes an engine's address: unix:///path, tcp://host:port or ssh://user@host.
   * @default "unix:///var/run/docker.sock"
   */
  host?: string | undefined;
  /**
   * What a tcp:// engine is checked with, and what it is shown.
   * Takes the absolute path of a folder with ca.pem, cert.pem and key.pem.
   * @default none: the engine is reached without TLS
   */
  certificates?: string | undefined;
  /**
   * The host's address, as clients and other zones reach it.
   * Takes an IPv4 address.
   * @default none: required with cross-zone
   */
  address?: string | undefined;
  /**
   * Whether the zone can be had; `spiloctl zones probe --write` sets it.
   * @default true
   */
  available?: boolean | undefined;
  /**
   * Holds an etcd voter and no data.
   * @default false
   */
  witness?: boolean | undefined;
}
