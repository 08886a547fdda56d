import { dcsNamespace } from "../cluster/incarnation.ts";
import { enginesBy } from "../cluster/placement/engine-address.ts";
import type { MaintenanceTimes, RecoveryObjective } from "../cluster/plan-types.ts";
import type { ClusterAccess } from "./access.ts";
import { type ContainerExec, execOnParts } from "./engine/container-exec.ts";
import { type EtcdClient, etcdClient } from "./etcd/etcd-client.ts";
import { type RecordEvent, recordEvent } from "./events.ts";
import type { StoreAccess } from "./object-store.ts";
import { type PatroniClient, patroniClient } from "./patroni/patroni-client.ts";
import type { ClusterReach } from "./reach.ts";
import type { StackOutputs } from "./stack-outputs.ts";
import { type Clock, systemClock } from "./wait.ts";

/** A member as declared. Which of them leads is asked, never known. */
interface HandleMember {
  readonly name: string;
  readonly address: string;
  readonly restUrl: string;
  readonly postgresPort: number;
  /** Of the Docker engine that it runs on. */
  readonly engine: string;
  /** That it stands in; undefined of a stack that was brought up by an earlier version. */
  readonly zone?: string | undefined;
  /** Whether it may have synchronous commits; one that may not is tagged `nosync` in Patroni. @default true */
  readonly synchronous?: boolean;
}

/** A read replica as declared. */
export type HandleReplica = ClusterReach["replicas"][number];

/** Where a bucket is, what opens it, and what in it belongs to the cluster. */
export interface BucketOfCluster extends StoreAccess {
  readonly bucket: string;
  /** Of this incarnation's keys, without a slash at its end. */
  readonly prefix: string;
}

interface HandleArchive extends BucketOfCluster {
  /** Where all of it is copied to; undefined: nowhere. */
  readonly second?: BucketOfCluster | undefined;
  /** When base backups are made: a cron line, UTC. Undefined of a stack that was brought up by an earlier version. */
  readonly schedule?: string | undefined;
}

/**
 * A running cluster, as every verb works on it: where its parts are, and clients that are let in. Holds secrets, so it
 * is not to be printed.
 */
export interface OperatingHandle {
  readonly name: string;
  /** As declared, in the order of their numbers. */
  readonly members: readonly HandleMember[];
  /** Those that never lead. */
  readonly replicas: readonly HandleReplica[];
  /** etcd's voters with their client URLs. */
  readonly voters: readonly { readonly name: string; readonly url: string }[];
  readonly proxies: readonly { readonly name: string; readonly address: string; readonly engine: string }[];
  readonly endpoint: {
    readonly address: string;
    /** Of each proxy, for who tries one after the other; undefined: `address` moves between them. */
    readonly hosts?: readonly string[] | undefined;
    readonly readWritePort: number;
    readonly readOnlyPort: number;
    /** Undefined: there are no read replicas. */
    readonly replicasPort?: number | undefined;
    /** Undefined: there is no connection pool. */
    readonly pooledPort?: number | undefined;
    /** Whether standby clusters may stream through it. @default false */
    readonly standbys?: boolean | undefined;
  };
  /** What Patroni's keys in etcd begin with: `/spilo-<incarnation>/<cluster>/`. */
  readonly dcsPrefix: string;
  /** How many standbys the specification asks to have each commit; 0: none. */
  readonly synchronousStandbys: number;
  readonly access: ClusterAccess;
  /** With credentials. */
  readonly patroni: PatroniClient;
  /** Logged in as the user who may touch this cluster's keys. */
  readonly etcd: EtcdClient;
  /** A login of PostgreSQL's for the databases `postgres` and `spilo_probe`. */
  readonly operator: { readonly user: string; readonly password: string };
  /** Whom poolers know as the operator until they are replaced. @default nobody */
  readonly formerOperator?: { readonly user: string; readonly password: string } | undefined;
  /** Login of Patroni's REST API, and of etcd: for clients of one's own. */
  readonly credentials: {
    readonly rest: {
      readonly user: string;
      readonly password: string;
      /** See `RestCredentials`. */
      readonly former?: string | undefined;
    };
    readonly etcd: { readonly user: string; readonly password: string };
  };
  /**
   * Runs programs in the container of a member or a proxy.
   *
   * @throws ActionError `failed` when the cluster has no such part.
   */
  execOn(part: string): ContainerExec;
  /** Notes an event for `history`. */
  readonly record: RecordEvent;
  readonly clock: Clock;
  /**
   * Somebody wants the verb to end. Waits take it; the clients above do not, so that what is half done can be put right.
   */
  readonly signal?: AbortSignal;
}

/** The same for whoever looks after all of it: with its archive, and what is expected of it. */
export interface ClusterHandle extends OperatingHandle {
  /** Eight hexadecimal digits, in the name of everything that keeps data. */
  readonly incarnation: string;
  readonly archive: HandleArchive;
  readonly recovery: { readonly objective: RecoveryObjective };
  /** The application's database, and the role that owns it. */
  readonly application?: { readonly database: string; readonly role: string } | undefined;
  /** Undefined of a stack that was brought up by an earlier version. */
  readonly placement?: StackOutputs["placement"];
  /** Undefined of a stack that was brought up by an earlier version. */
  readonly maintenance?: MaintenanceTimes | undefined;
  /** Declared size of each member's volume, MiB; undefined: none is. */
  readonly volumeMib?: number | undefined;
}

export interface HandleOptions {
  readonly signal?: AbortSignal;
  /** @default the system's */
  readonly clock?: Clock;
}

/** The cluster that a stack exports. Nobody is asked anything yet. */
export function clusterHandle(outputs: StackOutputs, options: HandleOptions = {}): ClusterHandle {
  return {
    ...operatingHandle(outputs, options),
    incarnation: outputs.incarnation,
    archive: archiveOf(outputs),
    recovery: outputs.recovery,
    application: applicationOf(outputs),
    placement: outputs.placement,
    maintenance: outputs.maintenance,
    volumeMib: outputs.volumeMib ?? undefined,
  };
}

/** A cluster by what it takes to act on it, whether it is in a stack's outputs or among a resource's inputs. */
export function operatingHandle(reach: ClusterReach, options: HandleOptions = {}): OperatingHandle {
  const { name, incarnation, voters, endpoint, credentials } = reach;
  const { rest, etcd, access, operator, formerOperator } = credentials;
  const members = enginesBy(access.way, reach.members);
  const replicas = enginesBy(access.way, reach.replicas);
  const proxies = enginesBy(access.way, reach.proxies);
  const { clock = systemClock, signal } = options;
  return {
    name,
    members,
    replicas,
    voters,
    proxies,
    endpoint,
    dcsPrefix: `${dcsNamespace(incarnation)}${name}/`,
    synchronousStandbys: reach.synchronousStandbys,
    access,
    patroni: patroniClient({ access, credentials: { ...rest, username: rest.user } }),
    etcd: etcdClient({ endpoints: voters.map(({ url }) => url), access, login: etcd }),
    operator,
    ...(formerOperator === undefined || formerOperator.password === "" ? {} : { formerOperator }),
    credentials: { rest, etcd },
    execOn: execOnParts([...members, ...replicas, ...proxies]),
    record: (kind, detail) => recordEvent({ endpoint, operator, access }, kind, detail),
    clock,
    ...(signal === undefined ? {} : { signal }),
  };
}

function archiveOf({ archive, credentials }: StackOutputs): HandleArchive {
  const { bucket, prefix, endpoint, region, ca, schedule, second } = archive;
  const { archive: key, secondArchive } = credentials;
  const copied = second && secondArchive && { ...second, prefix, ...secondArchive };
  return { bucket, prefix, endpoint, region, ca, schedule, second: copied, ...key };
}

/** Its logins are called after the role. */
function applicationOf({ credentials: { application } }: StackOutputs): ClusterHandle["application"] {
  return application && { database: application.database, role: application.user.replace(/_[12]$/, "") };
}
