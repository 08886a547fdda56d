import { dcsNamespace } from "../cluster/incarnation.ts";
import type { RecoveryObjective } from "../cluster/plan-types.ts";
import type { ClusterAccess } from "./access.ts";
import { ActionError } from "./action-error.ts";
import { type ContainerExec, containerExec } from "./container-exec.ts";
import { type EtcdClient, etcdClient } from "./etcd-client.ts";
import type { StoreAccess } from "./object-store.ts";
import { type PatroniClient, patroniClient } from "./patroni-client.ts";
import type { StackOutputs } from "./stack-outputs.ts";
import { type Clock, systemClock } from "./wait.ts";

/** A member as declared. Which of them leads is asked, never known. */
export interface HandleMember {
  readonly name: string;
  readonly address: string;
  readonly restUrl: string;
  readonly postgresPort: number;
  /** Of the Docker engine that it runs on. */
  readonly engine: string;
}

/** Where a bucket is, what opens it, and what in it belongs to the cluster. */
interface HandleArchive extends StoreAccess {
  readonly bucket: string;
  /** Of this incarnation's keys, without a slash at its end. */
  readonly prefix: string;
}

/**
 * A running cluster, as every verb works on it: where its parts are, and clients that are let in. Holds secrets, so it
 * is not to be printed.
 */
export interface ClusterHandle {
  readonly name: string;
  /** As declared, in the order of their numbers. */
  readonly members: readonly HandleMember[];
  /** etcd's voters with their client URLs. */
  readonly voters: readonly { readonly name: string; readonly url: string }[];
  readonly proxies: readonly { readonly name: string; readonly address: string; readonly engine: string }[];
  readonly endpoint: {
    readonly address: string;
    readonly readWritePort: number;
    readonly readOnlyPort: number;
    /** Undefined: there is no connection pool. */
    readonly pooledPort?: number | undefined;
  };
  readonly archive: HandleArchive;
  /** What Patroni's keys in etcd begin with: `/spilo-<incarnation>/<cluster>/`. */
  readonly dcsPrefix: string;
  /** How many standbys the specification asks to have each commit; 0: none. */
  readonly synchronousStandbys: number;
  readonly recovery: { readonly objective: RecoveryObjective };
  readonly access: ClusterAccess;
  /** With credentials. */
  readonly patroni: PatroniClient;
  /** Logged in as the user who may touch this cluster's keys. */
  readonly etcd: EtcdClient;
  /** A login of PostgreSQL's for the databases `postgres` and `spilo_probe`. */
  readonly operator: { readonly user: string; readonly password: string };
  /** Login of Patroni's REST API, and of etcd: for clients of one's own. */
  readonly credentials: {
    readonly rest: { readonly user: string; readonly password: string };
    readonly etcd: { readonly user: string; readonly password: string };
  };
  /**
   * Runs programs in the container of a member or a proxy.
   *
   * @throws ActionError `failed` when the cluster has no such part.
   */
  execOn(part: string): ContainerExec;
  readonly clock: Clock;
  /**
   * Somebody wants the verb to end. Waits take it; the clients above do not, so that what is half done can be put right.
   */
  readonly signal?: AbortSignal;
}

export interface HandleOptions {
  readonly signal?: AbortSignal;
  /** @default the system's */
  readonly clock?: Clock;
}

/** The cluster that a stack exports. Nobody is asked anything yet. */
export function clusterHandle(outputs: StackOutputs, options: HandleOptions = {}): ClusterHandle {
  const { name, incarnation, members, voters, proxies, endpoint, credentials } = outputs;
  const { rest, etcd, access, operator } = credentials;
  const { clock = systemClock, signal } = options;
  return {
    name,
    members,
    voters,
    proxies,
    endpoint,
    archive: archiveOf(outputs),
    dcsPrefix: `${dcsNamespace(incarnation)}${name}/`,
    synchronousStandbys: outputs.synchronousStandbys,
    recovery: outputs.recovery,
    access,
    patroni: patroniClient({ access, credentials: { username: rest.user, password: rest.password } }),
    etcd: etcdClient({ endpoints: voters.map(({ url }) => url), access, login: etcd }),
    operator,
    credentials: { rest, etcd },
    execOn: execOnParts([...members, ...proxies]),
    clock,
    ...(signal === undefined ? {} : { signal }),
  };
}

function archiveOf({ archive, credentials }: StackOutputs): HandleArchive {
  const { bucket, prefix, endpoint, region, ca } = archive;
  return { bucket, prefix, endpoint, region, ca, ...credentials.archive };
}

function execOnParts(
  parts: readonly { readonly name: string; readonly engine: string }[],
): ClusterHandle["execOn"] {
  const engines = new Map(parts.map(({ name, engine }) => [name, engine]));
  return (part) => {
    const engine = engines.get(part);
    if (engine === undefined) {
      const known = [...engines.keys()].join(", ");
      throw new ActionError("failed", `${part}: no member or proxy of this stack: it has ${known}`);
    }
    return containerExec(engine);
  };
}
