/**
 * The plan: every part of a cluster with its name, address, port and volume, decided before anything exists.
 *
 * It is plain data. The same specification gives the same plan on every machine and at any time: no clock, no
 * randomness, no look-up. Components turn it into resources and decide nothing themselves.
 */

import type { AwsPlan } from "./aws/aws-plan.ts";
import type {
  Address,
  BucketServerPlan,
  CertificatePlan,
  EndpointPlan,
  MemberPlan,
  ParameterValue,
  ProxyPlan,
  ReplicaPlan,
  VoterPlan,
} from "./part-types.ts";

export type * from "./part-types.ts";

/** The network of a zonal cluster. Planned addresses lie below `dynamicRange`, so nothing else is given one. */
export interface NetworkPlan {
  readonly name: string;
  /** CIDR, always a /24. */
  readonly subnet: string;
  readonly gateway: string;
  /** CIDR from which the engine may give addresses to parts that are not ours. */
  readonly dynamicRange: string;
}

/** One zone: on Docker, an engine. */
export interface ZonePlan {
  readonly name: string;
  /** The engine's address as the docker provider takes it, such as `unix:///var/run/docker.sock`. */
  readonly host: string;
  /** A folder with what a `tcp://` engine is checked with, and what it is shown; absent: no TLS. */
  readonly certificates?: string;
  /** The host's address, as clients and other zones reach it; absent where parts have a network of their own. */
  readonly address?: string;
  /** One that cannot be had has no parts, and its engine is not asked. */
  readonly available: boolean;
  /** Holds voters only. */
  readonly witness: boolean;
}

/** Where a cluster stands, as asked for and as it is with the zones that can be had. */
export interface PlacementPlan {
  readonly mode: "zonal" | "cross-zone";
  /** Whether members stand in one zone or in several. */
  readonly standing: "zonal" | "cross-zone";
  /** Where the leader belongs; absent: nowhere in particular. */
  readonly primaryZone?: string;
  readonly fallbackToSameZone: boolean;
}

/** Who is let in by the network that they come from: CIDR, or `all`. */
export interface AdmissionPlan {
  /** Exactly where members may ever come from: what is listed by them changes with no member. */
  readonly members: readonly string[];
  readonly proxies: readonly string[];
  /** Clients, and whoever looks after the cluster. */
  readonly others: string;
  /** From where clusters come that follow this one. @default the networks of the proxies */
  readonly followers?: readonly string[];
}

/** Where WAL and base backups go. */
export interface ArchivePlan {
  readonly bucket: string;
  readonly region: string;
  /** URL of the S3 endpoint as members reach it, always of https. */
  readonly endpoint: string;
  /**
   * PEM of the authority that has signed the certificate of the endpoint that the user names; absent: one that
   * everybody knows has. The stack's own server has a certificate of the cluster's authority.
   */
  readonly ca?: string;
  /** The stack's own S3 server; absent when the user names an endpoint. */
  readonly server?: BucketServerPlan;
  /** Whether the endpoint is the stack's own server, also while that one's zone cannot be had. */
  readonly own: boolean;
  readonly retainDays: number;
  /** Cron line, UTC. */
  readonly schedule: string;
  /** Where all of it is copied to; absent: nowhere. */
  readonly second?: BucketPlan;
}

/** A bucket at an S3 endpoint of the user's. */
export interface BucketPlan {
  readonly bucket: string;
  readonly region: string;
  /** Always of https. */
  readonly endpoint: string;
  /** PEM; absent: an authority that everybody knows has signed the endpoint's certificate. */
  readonly ca?: string;
}

/** What stands between a cluster and its end. */
export interface TeardownPlan {
  /** It cannot be taken down. */
  readonly protected: boolean;
  /** It is backed up before anything of it goes, or nothing goes. */
  readonly finalBackup: boolean;
}

/** What is written down beside a cluster for `spiloctl sweep`. */
export interface MarkerPlan {
  /** How long it lives after its last update; absent: for ever. */
  readonly ttlSeconds?: number;
  readonly owner?: string;
}

/** Up to where an archive is replayed. */
export type RestoreTarget =
  /** With every commit up to then: ISO 8601 with a zone. */
  | { readonly kind: "time"; readonly time: string }
  /** With all that was written before it, as PostgreSQL writes a position. */
  | { readonly kind: "lsn"; readonly lsn: string }
  | { readonly kind: "latest" };

/** The archive that a cluster is made from, once, when it is made. */
export interface OriginPlan extends BucketPlan {
  readonly cluster: string;
  /** Absent: whichever one reaches the target. */
  readonly incarnation?: string;
  readonly target: RestoreTarget;
}

/** The cluster that this one follows until it is promoted. */
export interface StandbyPlan {
  readonly cluster: string;
  /** Its endpoint, which leads to whoever leads there; absent: the archive alone is read. */
  readonly source?: { readonly hosts: readonly string[]; readonly port: number };
  /** Its archive; absent: it is not read. */
  readonly archive?: Omit<OriginPlan, "target" | "incarnation"> & { readonly incarnation: string };
}

/** Who signs the certificates, and how long one lasts. */
export interface TlsPlan {
  /** `generated`: an authority of the cluster's own. `given`: the user's. */
  readonly ca: "generated" | "given";
  /** Days that the certificate of a part is good for. */
  readonly leafDays: number;
  /** Of the authority: 1, and one more for each that took its place. Of one that is given it says nothing. */
  readonly generation: number;
}

/** A database and the group that owns it, whose members log in: see `applicationRoleNames`. */
export interface ApplicationPlan {
  readonly database: string;
  readonly role: string;
}

/** Names of logins that are in use, by what they are for. */
export interface LoginNames {
  readonly standby: string;
  readonly rewind: string;
  readonly operator: string;
  readonly pooler: string;
  readonly application: string;
  /** A user of etcd; all others are roles in the database. */
  readonly etcd: string;
}

/** Who logs in, in which generation of passwords: see `rotation.ts`. */
export interface LoginsPlan {
  readonly generations: { readonly passwords: number; readonly application: number };
  readonly current: LoginNames;
  /** Whom poolers know as the operator until they are replaced. */
  readonly formerOperator: string;
  /** Roles in the database that cannot log in when an update is done; one that is not there is none of them. */
  readonly closed: readonly string[];
}

/** Whoever acts on the cluster from outside of its network's parts. */
export interface OperatorPlan {
  readonly certificate: CertificatePlan;
}

/** A logical slot as Patroni's `/config` has it. */
export interface LogicalSlotSettings {
  readonly type: "logical";
  readonly database: string;
  readonly plugin: string;
}

/** Patroni's `/config` document: cluster-wide, changed at run time, never part of a container. */
export interface DynamicSettings {
  readonly ttl: number;
  readonly loop_wait: number;
  readonly retry_timeout: number;
  readonly primary_start_timeout: number;
  readonly maximum_lag_on_failover: number;
  readonly failsafe_mode: boolean;
  readonly synchronous_mode: "off" | "on" | "quorum";
  readonly synchronous_mode_strict: boolean;
  readonly synchronous_node_count: number;
  /** Logical slots that Patroni makes on the leader, copies to the standbys and moves there; absent: none. */
  readonly slots?: Readonly<Record<string, LogicalSlotSettings>>;
  /** Slots that Patroni leaves alone; absent: none. */
  readonly ignore_slots?: readonly { readonly name: string }[];
  readonly postgresql: {
    readonly use_pg_rewind: boolean;
    readonly use_slots: boolean;
    readonly remove_data_directory_on_rewind_failure: boolean;
    readonly remove_data_directory_on_diverged_timelines: boolean;
    readonly parameters: Readonly<Record<string, ParameterValue>>;
  };
}

/** How much a cluster bears before a leader is replaced: `fast` the least, `wide` the most. */
export type RecoveryObjective = "fast" | "normal" | "wide";

/** The least and the most that is expected. Seconds. */
export type SecondsRange = readonly [from: number, to: number];

/** How soon a lost leader is replaced. Expected, not promised: from the loss until clients write again. */
export interface RecoveryPlan {
  readonly objective: RecoveryObjective;
  /** The leader's node is gone; absent with a single member, as nobody takes over. */
  readonly lostNodeSeconds?: SecondsRange;
  /** The leader's PostgreSQL has crashed; absent with a single member. */
  readonly crashSeconds?: SecondsRange;
  /** The same for the summary. */
  readonly sentence: string;
}

export type DayOfWeek = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** A window that comes again and again, for work that applications may notice. */
export interface MaintenanceTimes {
  /** On which it begins. @default every day */
  readonly day?: DayOfWeek | undefined;
  /** When it begins by the clocks of the time zone: `02:30`. */
  readonly start: string;
  readonly minutes: number;
  /** A name of the IANA time zone database. */
  readonly timeZone: string;
}

export interface MaintenancePlan extends MaintenanceTimes {
  /** The same for the summary. */
  readonly sentence: string;
}

/** The whole cluster. */
export interface ClusterPlan {
  readonly cluster: string;
  readonly postgresqlVersion: number;
  readonly zones: readonly ZonePlan[];
  readonly placement: PlacementPlan;
  /** What only AWS has; absent on Docker. */
  readonly aws?: AwsPlan;
  /** Absent: parts use the networks of their hosts. */
  readonly network?: NetworkPlan;
  readonly admission: AdmissionPlan;
  /** Where members look for etcd first; the same wherever a voter stands for the time being. */
  readonly etcd: readonly Address[];
  readonly voters: readonly VoterPlan[];
  /** Those that may lead. */
  readonly members: readonly MemberPlan[];
  /** Those that never do, in the order in which they are declared. None whose zone cannot be had. */
  readonly replicas: readonly ReplicaPlan[];
  readonly proxies: readonly ProxyPlan[];
  readonly endpoint: EndpointPlan;
  readonly archive: ArchivePlan;
  /** Absent: the cluster begins empty, or the specification does not say any more what it began from. */
  readonly origin?: OriginPlan;
  /** Absent: the cluster leads by itself. */
  readonly standby?: StandbyPlan;
  readonly tls: TlsPlan;
  readonly application: ApplicationPlan;
  readonly logins: LoginsPlan;
  readonly operator: OperatorPlan;
  readonly settings: DynamicSettings;
  /**
   * Parameters that Spilo sets locally, where they win over `settings`. They are part of SPILO_CONFIGURATION, so a
   * change replaces the members.
   */
  readonly localParameters: Readonly<Record<string, ParameterValue>>;
  readonly recovery: RecoveryPlan;
  readonly maintenance: MaintenancePlan;
  readonly teardown: TeardownPlan;
  /** Absent: nobody says whose it is, or how long it lives. */
  readonly marker?: MarkerPlan;
  /**
   * Declared size of each member's volume, in MiB; absent: none is. It is an input of no volume, since one that is
   * replaced loses its data.
   */
  readonly volumeMib?: number;
  /** Sentences for the summary: what the cluster survives and what not. */
  readonly survives: readonly string[];
}
