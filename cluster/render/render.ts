import { archiveSuffix, dcsNamespace, type Incarnation, voterToken } from "../incarnation.ts";
import type { ClusterPlan, ParameterValue, ReplicaPlan, ServerPartPlan, VoterPlan } from "../plan-types.ts";
import type { Origin } from "../restore/origin.ts";
import { groups, probeDatabase, roleNames, superuser } from "../rotation/roles.ts";
import { containerPaths, identityPath } from "./container-paths.ts";
import { type OriginView, originView } from "./render-origin.ts";
import { type ReplicaView, replicaView } from "./render-replica.ts";
import { asItIs, template } from "./template.ts";

/** What SPILO_CONFIGURATION holds that nobody else may read. */
export interface MemberSecrets {
  /** Of Patroni's REST API, for its unsafe verbs. */
  readonly restUser: string;
  readonly restPassword: string;
  /** Of the `rewind` role that is in use. */
  readonly rewindPassword: string;
}

/** An environment variable. */
export interface EnvVariable {
  readonly name: string;
  readonly value: string;
}

/**
 * Environment of a member that is secret, and therefore in no template: SPILO_CONFIGURATION is what
 * `renderSpiloConfiguration` returns, the others are passwords and keys.
 */
export const secretMemberEnv = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "ETCD3_PASSWORD",
  "PGPASSWORD_STANDBY",
  "PGPASSWORD_SUPERUSER",
  "SPILO_CONFIGURATION",
] as const;

/**
 * SPILO_CONFIGURATION, the same for all members but for ports where they share a host, and for read replicas: what Spilo
 * would otherwise set locally. Nothing in it changes with the number of members or with a parameter that `/config` can carry. It holds
 * passwords: treat it as a secret.
 *
 * @param origin what the cluster has begun from. @default it has begun empty
 */
export function renderSpiloConfiguration(
  plan: ClusterPlan,
  secrets: MemberSecrets,
  member: ConfiguredServer | undefined = plan.members[0],
  origin?: Origin,
): string {
  const { activityPort = 0, rest, localParameters = plan.localParameters } = member ?? {};
  const { members: memberNetworks, proxies: proxyNetworks, others } = plan.admission;
  const { followers = proxyNetworks.filter((network) => !memberNetworks.includes(network)) } = plan.admission;
  return spilo({
    ...secrets,
    ...identity,
    origin: origin === undefined ? false : originView(origin),
    replica: replicaView(member),
    restoreWal: identityPath("restoreWal"),
    rewindUser: plan.logins.current.rewind,
    superuser,
    postgresDatabase,
    probeDatabase,
    standbyRoles: roleNames("standby").join(","),
    rewindRoles: roleNames("rewind").join(","),
    operatorRoles: roleNames("operator").join(","),
    poolerRoles: roleNames("pooler").join(","),
    clientsGroup: groups.clients,
    others,
    activityPort,
    verifyClient: plan.aws === undefined ? "required" : "optional",
    restPort: rest?.port ?? 0,
    memberNetworks,
    proxyNetworks,
    // On the host's network those of the members are the same, and admitted already.
    standbyNetworks: plan.endpoint.standbys ? followers : [],
    localParameters: Object.entries(localParameters).map(([name, value]) => ({ name, value })),
  });
}

/** As much of a server as its configuration is about; of a read replica, what is special about it. */
type ConfiguredServer = Pick<ServerPartPlan, "activityPort" | "rest"> &
  Partial<Pick<ReplicaPlan, "replica" | "upstream" | "applyDelaySeconds" | "localParameters">>;

/** The program that brings a member WAL from the archive. */
export const restoreWal = asItIs("restore-wal.sh");

/** etcd's configuration for one voter. The list of voters in it counts at the first start only. */
export function renderEtcd(plan: ClusterPlan, voter: VoterPlan, incarnation: Incarnation): string {
  return etcd({
    ...identity,
    name: voter.name,
    dataDir: `${containerPaths.voterData}/data`,
    clientUrl: urlOf(voter.client),
    listenClientUrls: `${urlOf(voter.client)},${urlOf({ host: "127.0.0.1", port: voter.client.port })}`,
    peerUrl: urlOf(voter.peer),
    token: voterToken(plan, incarnation),
    initialCluster: plan.voters.map(({ name, peer }) => `${name}=${urlOf(peer)}`).join(","),
  });
}

/** Environment that tells Spilo where WAL and base backups go; without keys. Sorted by name. */
export function renderArchiveEnv({ archive }: ClusterPlan, incarnation: Incarnation): readonly EnvVariable[] {
  const { bucket, endpoint, region, schedule, retainDays, second } = archive;
  const suffix = archiveSuffix(incarnation);
  const signedByOwn = archive.own || archive.ca !== undefined;
  const caFile = signedByOwn ? identityPath("s3Ca") : false;
  const copyArchive = second !== undefined && identityPath("copyArchive");
  return readEnv(archiveEnv({ bucket, suffix, endpoint, region, schedule, retainDays, caFile, copyArchive }));
}

/** Environment that makes a container this member of this cluster; without secrets. Sorted by name. */
export function renderMemberEnv(
  plan: ClusterPlan,
  member: ServerPartPlan,
  incarnation: Incarnation,
): readonly EnvVariable[] {
  const { rest, postgres } = member;
  const { etcd: etcdUser, standby: standbyUser } = plan.logins.current;
  return readEnv(
    memberEnv({
      ...identity,
      etcdUser,
      scope: plan.cluster,
      namespace: dcsNamespace(incarnation),
      postgresqlVersion: plan.postgresqlVersion,
      voters: plan.etcd.map(({ host, port }) => `${host}:${port}`).join(","),
      rest: `${rest.host}:${rest.port}`,
      postgres: `${postgres.host}:${postgres.port}`,
      ports: member.activityPort === undefined ? false : { rest: rest.port, postgres: postgres.port },
      superuser,
      standbyUser,
    }),
  );
}

/** The database that Patroni asks a leader in, and the pooler for logins. */
const postgresDatabase = "postgres";

/** Where members and voters have their certificate. */
interface IdentityPaths {
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

const identity: IdentityPaths = {
  caFile: identityPath("ca"),
  certificateFile: identityPath("certificate"),
  keyFile: identityPath("key"),
};

const spilo = template<
  MemberSecrets &
    IdentityPaths & {
      readonly origin: OriginView | false;
      readonly replica: ReplicaView | false;
      readonly restoreWal: string;
      readonly rewindUser: string;
      readonly superuser: string;
      readonly postgresDatabase: string;
      readonly probeDatabase: string;
      readonly standbyRoles: string;
      readonly rewindRoles: string;
      readonly operatorRoles: string;
      readonly poolerRoles: string;
      readonly clientsGroup: string;
      readonly others: string;
      readonly verifyClient: "required" | "optional";
      /** 0: the usual one. */
      readonly activityPort: number;
      readonly restPort: number;
      readonly memberNetworks: readonly string[];
      readonly proxyNetworks: readonly string[];
      readonly standbyNetworks: readonly string[];
      readonly localParameters: readonly { readonly name: string; readonly value: ParameterValue }[];
    }
>("spilo.yml.hbs");

const etcd = template<
  IdentityPaths & {
    readonly name: string;
    readonly dataDir: string;
    readonly clientUrl: string;
    readonly listenClientUrls: string;
    readonly peerUrl: string;
    readonly token: string;
    readonly initialCluster: string;
  }
>("etcd.yml.hbs");

const archiveEnv = template<{
  readonly bucket: string;
  readonly suffix: string;
  readonly endpoint: string;
  readonly region: string;
  readonly schedule: string;
  readonly retainDays: number;
  readonly caFile: string | false;
  readonly copyArchive: string | false;
}>("archive.env.hbs");

const memberEnv = template<
  IdentityPaths & {
    readonly etcdUser: string;
    readonly scope: string;
    readonly namespace: string;
    readonly postgresqlVersion: number;
    readonly voters: string;
    readonly rest: string;
    readonly postgres: string;
    /** On the host's network, where the usual ones may be taken. */
    readonly ports: { readonly rest: number; readonly postgres: number } | false;
    readonly superuser: string;
    readonly standbyUser: string;
  }
>("member.env.hbs");

function urlOf({ host, port }: { host: string; port: number }): string {
  return `https://${host}:${port}`;
}

/** The variables of a file of NAME=value lines. */
function readEnv(file: string): readonly EnvVariable[] {
  return file
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const equals = line.indexOf("=");
      return { name: line.slice(0, equals), value: line.slice(equals + 1) };
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
