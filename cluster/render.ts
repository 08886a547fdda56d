import { containerPaths } from "./container-paths.ts";
import { archiveSuffix, dcsNamespace, type Incarnation, voterToken } from "./incarnation.ts";
import type {
  ClusterPlan,
  MemberPlan,
  ParameterValue,
  ProxyPlan,
  VoterPlan,
  VrrpPlan,
} from "./plan-types.ts";
import { template } from "./template.ts";

/** Credentials of Patroni's REST API, for its unsafe verbs. */
export interface RestSecrets {
  readonly restUser: string;
  readonly restPassword: string;
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
  "PGPASSWORD_STANDBY",
  "PGPASSWORD_SUPERUSER",
  "SPILO_CONFIGURATION",
] as const;

/** The superuser and the replication user: Spilo's names, never its passwords. */
export const roles = { superuser: "postgres", standby: "standby" } as const;

/**
 * SPILO_CONFIGURATION, the same for all members: what Spilo would otherwise set locally. Nothing in it changes with
 * the number of members or with a parameter that `/config` can carry. It holds a password: treat it as a secret.
 */
export function renderSpiloConfiguration(plan: ClusterPlan, secrets: RestSecrets): string {
  return spilo({
    ...secrets,
    standbyUser: roles.standby,
    subnet: plan.network.subnet,
    localParameters: Object.entries(plan.localParameters).map(([name, value]) => ({ name, value })),
  });
}

/** HAProxy's configuration. All addresses that a member may ever have are in it, so scaling changes nothing. */
export function renderHaproxy(plan: ClusterPlan, proxy: ProxyPlan): string {
  return haproxy({
    socket: containerPaths.proxySocket,
    readWritePort: plan.endpoint.readWritePort,
    readOnlyPort: plan.endpoint.readOnlyPort,
    servers: proxy.servers.map(({ name, postgres, rest }) => ({
      name,
      host: postgres.host,
      postgresPort: postgres.port,
      restPort: rest.port,
    })),
  });
}

/**
 * keepalived's configuration. It holds a password: treat it as a secret.
 *
 * @param secret what the proxies know each other by. VRRP carries eight characters: the first eight of it.
 */
export function renderKeepalived(plan: ClusterPlan, proxy: ProxyPlan, secret: string): string {
  return keepalived({
    ...proxy.vrrp,
    address: proxy.address,
    virtualAddress: plan.endpoint.address,
    secret: secret.slice(0, 8),
    interfaceFile: containerPaths.keepalivedInterface,
    downFile: containerPaths.haproxyDown,
    answers: containerPaths.haproxyAnswers,
  });
}

/** etcd's configuration for one voter. The list of voters in it counts at the first start only. */
export function renderEtcd(plan: ClusterPlan, voter: VoterPlan, incarnation: Incarnation): string {
  return etcd({
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
  const { bucket, endpoint, region, schedule, retainDays } = archive;
  const suffix = archiveSuffix(incarnation);
  return readEnv(archiveEnv({ bucket, suffix, endpoint, region, schedule, retainDays }));
}

/** Environment that makes a container this member of this cluster; without secrets. Sorted by name. */
export function renderMemberEnv(
  plan: ClusterPlan,
  member: MemberPlan,
  incarnation: Incarnation,
): readonly EnvVariable[] {
  const { rest, postgres } = member;
  return readEnv(
    memberEnv({
      scope: plan.cluster,
      namespace: dcsNamespace(incarnation),
      postgresqlVersion: plan.postgresqlVersion,
      voters: plan.voters.map(({ client }) => `${client.host}:${client.port}`).join(","),
      rest: `${rest.host}:${rest.port}`,
      postgres: `${postgres.host}:${postgres.port}`,
      superuser: roles.superuser,
      standbyUser: roles.standby,
    }),
  );
}

const spilo = template<
  RestSecrets & {
    readonly standbyUser: string;
    readonly subnet: string;
    readonly localParameters: readonly { readonly name: string; readonly value: ParameterValue }[];
  }
>("spilo.yml.hbs");

const haproxy = template<{
  readonly socket: string;
  readonly readWritePort: number;
  readonly readOnlyPort: number;
  readonly servers: readonly {
    readonly name: string;
    readonly host: string;
    readonly postgresPort: number;
    readonly restPort: number;
  }[];
}>("haproxy.cfg.hbs");

const keepalived = template<
  VrrpPlan & {
    readonly address: string;
    readonly virtualAddress: string;
    readonly secret: string;
    readonly interfaceFile: string;
    readonly downFile: string;
    readonly answers: string;
  }
>("keepalived.conf.hbs");

const etcd = template<{
  readonly name: string;
  readonly dataDir: string;
  readonly clientUrl: string;
  readonly listenClientUrls: string;
  readonly peerUrl: string;
  readonly token: string;
  readonly initialCluster: string;
}>("etcd.yml.hbs");

const archiveEnv = template<{
  readonly bucket: string;
  readonly suffix: string;
  readonly endpoint: string;
  readonly region: string;
  readonly schedule: string;
  readonly retainDays: number;
}>("archive.env.hbs");

const memberEnv = template<{
  readonly scope: string;
  readonly namespace: string;
  readonly postgresqlVersion: number;
  readonly voters: string;
  readonly rest: string;
  readonly postgres: string;
  readonly superuser: string;
  readonly standbyUser: string;
}>("member.env.hbs");

function urlOf({ host, port }: { host: string; port: number }): string {
  return `http://${host}:${port}`;
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
