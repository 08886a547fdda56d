/** The parts of a cluster as they are planned: each with its name, address, ports and volume. */

/** A value as PostgreSQL's configuration takes it. */
export type ParameterValue = string | number | boolean;

/** Where something listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a certificate says of who shows it. Who signs it, and for how long it counts, is the cluster's: see `tls`. */
export interface CertificatePlan {
  readonly commonName: string;
  /** Names that it may be reached by; none twice. */
  readonly dnsNames: readonly string[];
  /** IPv4 addresses that it may be reached at; none twice. */
  readonly addresses: readonly string[];
  readonly uses: readonly CertificateUse[];
}

/** `server`: shown to whoever connects. `client`: shown by who connects. */
export type CertificateUse = "server" | "client";

/** What every part has. */
export interface PartPlan {
  /** Container name, host name and logical name. Index-based and stable for ever. */
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  readonly image: string;
  readonly certificate: CertificatePlan;
  /** The most memory that its container may take, in MiB. */
  readonly memoryMib: number;
  /** The most processes and threads that its container may have. */
  readonly processes: number;
}

/** A part that keeps data. The volume's real name gets the incarnation as suffix, so no old data is adopted. */
export interface KeepingPartPlan extends PartPlan {
  readonly volume: string;
  /** Whether the volume stays on the engine when the part is taken away. */
  readonly retained: boolean;
}

/** An etcd voter. */
export interface VoterPlan extends KeepingPartPlan {
  readonly client: Address;
  readonly peer: Address;
  /** Where the voter of this index would answer the others in another zone: it takes that one's place. */
  readonly instead: readonly Address[];
}

/** A PostgreSQL server with its Patroni. Never says who leads: that is not state. */
export interface ServerPartPlan extends KeepingPartPlan {
  readonly rest: Address;
  readonly postgres: Address;
  /** Of the image's page on activity, on the host itself alone; absent: the usual one, in the container. */
  readonly activityPort?: number;
  /** Processors, which may be a fraction; absent: no limit is set. */
  readonly cpus?: number;
  /** Shared memory (/dev/shm) in MiB. */
  readonly shmMib: number;
}

/** A connection pool beside a member, on the same machine: it leads to that member, while that one leads. */
export interface PoolerPlan extends Pick<PartPlan, "name" | "image" | "memoryMib" | "processes"> {
  readonly port: number;
}

/** One of those that may lead. */
export interface MemberPlan extends ServerPartPlan {
  /** Absent: there is no pool, or it is at the proxies. */
  readonly pooler?: PoolerPlan;
  /** 1-based, stable for ever. */
  readonly index: number;
  /** Whether it may have synchronous commits. One that may not is tagged `nosync` in Patroni. */
  readonly synchronous: boolean;
}

/** A server that follows and never leads, nor is waited for by any commit. */
export interface ReplicaPlan extends ServerPartPlan {
  /** As the user calls it. */
  readonly replica: string;
  /** By what Patroni calls it, whom it streams from as long as that one is in the cluster; absent: from the leader. */
  readonly upstream?: string;
  /** How long after its commit a change shows up, seconds; absent: at once. */
  readonly applyDelaySeconds?: number;
  /** Its own, in place of the cluster's. */
  readonly localParameters: Readonly<Record<string, ParameterValue>>;
}

/** What keeps the endpoint's address on one of the proxies: VRRP, from each to each. */
export interface VrrpPlan {
  /** 1–255, the same for all proxies of a cluster. */
  readonly routerId: number;
  /** 1–254. Counts only when nobody holds the address: who holds it keeps it. */
  readonly priority: number;
  /** Addresses of the other proxies. */
  readonly peers: readonly string[];
}

/** A member as a proxy knows it. */
export interface ServerPlan {
  readonly name: string;
  readonly postgres: Address;
  readonly rest: Address;
  readonly zone: string;
}

/** Where a proxy looks for a read replica, whether there is one or not. */
export interface ReplicaServerPlan extends ServerPlan {
  /** Whoever is there has it in its certificate. */
  readonly placeName: string;
}

/** A HAProxy in front of the members. */
export interface ProxyPlan extends PartPlan {
  /** Absent: no address moves between the proxies. */
  readonly vrrp?: VrrpPlan;
  /** Every address a member of this cluster may ever have, so that scaling replaces no proxy. */
  readonly servers: readonly ServerPlan[];
  /** Every address that a read replica may have; empty: none is declared. */
  readonly replicaServers: readonly ReplicaServerPlan[];
}

/** The addresses that clients use. But for a zone that cannot be had, they never change in a cluster's life. */
export interface EndpointPlan {
  /** The one that moves between the proxies; without such a one the first of `hosts`. */
  readonly address: string;
  /** The address of each proxy, for clients that try one after the other; absent: `address` moves between them. */
  readonly hosts?: readonly string[];
  readonly readWritePort: number;
  readonly readOnlyPort: number;
  /** Absent: there are no read replicas. */
  readonly replicasPort?: number;
  /** Absent: there is no connection pool. */
  readonly pooledPort?: number;
  /** Whether standby clusters may stream through it. @default false */
  readonly standbys?: boolean;
}

/** The stack's own S3 server. */
export interface BucketServerPlan extends KeepingPartPlan {
  readonly listen: Address;
}
