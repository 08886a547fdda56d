import { randomBytes } from "node:crypto";
import { execa } from "execa";
import type { DistrustingPart } from "../../actions/authority/part.ts";
import { type CertifiedKey, issueCertificate } from "../../actions/certificates/certificates.ts";
import type { PartFiles } from "../../actions/certificates/identity.ts";
import { writePartFiles } from "../../actions/engine/part-files.ts";
import {
  type ClusterPlan,
  containerPaths,
  dcsConfigKey,
  identityFiles,
  type PartPlan,
  parseSpec,
  planCluster,
  renderEtcd,
  renderHaproxy,
  renderMemberEnv,
  renderSpiloConfiguration,
  restoreWal,
} from "../../cluster/index.ts";
import { hardened } from "./hardened.ts";
import { docker, environment, eventually, ready } from "./stage.ts";

export const engine = "unix:///var/run/docker.sock";
export const application = { user: "client", password: "client-6a1f", database: "postgres" } as const;
const password = "not-a-secret";

type ImageOf = Readonly<Record<"etcd" | "spilo" | "proxy", string>>;

/** Three voters, two members and a proxy as they are planned, without Pulumi, an archive and an address that moves. */
export interface SmallCluster {
  readonly plan: ClusterPlan;
  readonly parts: readonly Omit<DistrustingPart, "files">[];
  /** Certificate, key and trusted authority of a part. */
  issue(part: Omit<DistrustingPart, "files">, authority: CertifiedKey): Promise<PartFiles>;
  /** Runs SQL on a member and gives unaligned rows. @param database `postgres` unless given */
  sql(member: string, statement: string, database?: string): Promise<string>;
  remove(): Promise<void>;
}

interface SmallClusterOptions {
  /** @default the image's own */
  readonly patroniVersion?: string;
  /** Beside what makes it small. With it, Patroni has the settings that follow, and else its own. */
  readonly specification?: object;
}

/** Starts it and waits until it replicates. */
export async function startSmallCluster(
  authority: CertifiedKey,
  { patroniVersion, specification }: SmallClusterOptions = {},
): Promise<SmallCluster> {
  const spilo = await ready("spilo", patroniVersion === undefined ? {} : { patroniVersion });
  const images = { etcd: await ready("etcd"), spilo, proxy: await ready("proxy") };
  const name = `psimg-${randomBytes(3).toString("hex")}`;
  const subnet = `10.215.${1 + Math.floor(Math.random() * 250)}.0/24`;
  const plan = planCluster(parseSpec({ ...specification, name, members: 2, network: { subnet } }));
  const parts = partsOf(plan, images);
  const cluster: SmallCluster = {
    plan,
    parts,
    issue: (part, by) => filesOf(part, by),
    sql: (member, statement, database = "postgres") =>
      docker(
        [
          ...["exec", "--interactive", "--user", "postgres", member],
          ...["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", database],
        ],
        statement,
      ),
    remove: () => remove(plan),
  };
  try {
    await docker(["network", "create", "--subnet", subnet, name]);
    for (const part of parts) {
      await docker(["volume", "create", part.volume]);
      const files = { ...(await filesOf(part, authority)), ...configurationOf(plan, part.part) };
      await writePartFiles(part, part.reads === "certificate" ? "postgres" : "root", files);
    }
    await startVoters(plan, images.etcd);
    if (specification !== undefined) await seedSettings(plan);
    await startMembers(plan, images.spilo);
    const [proxy] = plan.proxies;
    if (proxy !== undefined) await start(plan, proxy, images.proxy, hardened.proxy);
    await eventually("the standby streams", 120_000, () => streams(cluster));
    await cluster.sql(
      await leaderOf(cluster),
      `CREATE ROLE spilo_clients; CREATE ROLE ${application.user} LOGIN PASSWORD '${application.password}' IN ROLE spilo_clients`,
    );
    return cluster;
  } catch (error) {
    await cluster.remove();
    throw error;
  }
}

/** True once the standby has what the leader writes from the leader itself, and no base backup any more. */
export async function streams(cluster: SmallCluster): Promise<true | undefined> {
  const ask = "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'";
  const leader = await leaderOf(cluster).catch(() => undefined);
  const [standby] = cluster.plan.members.filter(({ name }) => name !== leader);
  if (leader === undefined || standby === undefined) return undefined;
  return (await cluster.sql(standby.name, ask).catch(() => "")) === "1" || undefined;
}

export async function leaderOf({ plan, sql }: SmallCluster): Promise<string> {
  for (const { name } of plan.members) {
    if ((await sql(name, "SELECT pg_is_in_recovery()").catch(() => "")) === "f") return name;
  }
  throw new Error("nobody leads");
}

function partsOf(plan: ClusterPlan, images: ImageOf): SmallCluster["parts"] {
  const common = ({ name, certificate }: PartPlan) => {
    const { commonName, dnsNames, addresses, uses } = certificate;
    const names = { commonName, dnsNames: [...dnsNames], addresses: [...addresses], uses: [...uses] };
    return { part: name, engine, volume: `${name}-identity`, certificate: names, days: 30 };
  };
  const reload = (container: string, ...command: string[]) => ({ container, user: "root", command });
  const tls = { protocol: "tls" as const };
  return [
    ...plan.voters.map((voter) => ({
      ...common(voter),
      image: images.etcd,
      reads: "start" as const,
      served: [voter.client, voter.peer].map((place) => ({ ...place, ...tls })),
    })),
    ...plan.members.map((member) => ({
      ...common(member),
      image: images.spilo,
      reads: "certificate" as const,
      served: [
        { ...member.postgres, protocol: "postgres" as const },
        { ...member.rest, ...tls },
      ],
      reload: reload(member.name, "sv", "hup", "/run/service/patroni"),
    })),
    ...plan.proxies.slice(0, 1).map((proxy) => ({
      ...common(proxy),
      image: images.proxy,
      reads: "reload" as const,
      served: [],
      reload: reload(proxy.name, containerPaths.takeCertificates),
    })),
  ];
}

async function filesOf(
  { certificate, days, reads }: Omit<DistrustingPart, "files">,
  authority: CertifiedKey,
): Promise<PartFiles> {
  const own = await issueCertificate({ authority, ...certificate, days, now: new Date() });
  const pair = { "tls.pem": { content: own.certificate + own.privateKey, mode: 0o600 } };
  return {
    "ca.crt": { content: authority.certificate, mode: 0o644 },
    "tls.crt": { content: own.certificate, mode: 0o644 },
    "tls.key": { content: own.privateKey, mode: 0o600 },
    ...(reads === "reload" ? pair : {}),
  };
}

function configurationOf(plan: ClusterPlan, name: string): PartFiles {
  const voter = plan.voters.find((one) => one.name === name);
  const proxy = plan.proxies.find((one) => one.name === name);
  const member = plan.members.find((one) => one.name === name);
  if (member !== undefined) return { [identityFiles.restoreWal]: { content: restoreWal, mode: 0o644 } };
  if (voter !== undefined) return { "etcd.yml": { content: renderEtcd(plan, voter, token), mode: 0o644 } };
  if (proxy !== undefined) return { "haproxy.cfg": { content: renderHaproxy(plan, proxy), mode: 0o644 } };
  return {};
}

const token = "1a2b3c4d";

async function start(
  plan: ClusterPlan,
  { name, address }: PartPlan,
  image: string,
  options: readonly string[],
  command: readonly string[] = [],
): Promise<void> {
  const network = ["--network", plan.cluster, "--ip", address, "--name", name, "--hostname", name];
  const identity = ["--volume", `${name}-identity:${containerPaths.identity}:ro`];
  await docker(["run", "--detach", ...network, ...identity, ...options, image, ...command]);
}

async function startVoters(plan: ClusterPlan, image: string): Promise<void> {
  for (const voter of plan.voters) {
    const options = [...hardened.etcd, "--volume", `${voter.name}-data:${containerPaths.voterData}`];
    const command = ["/usr/local/bin/etcd", `--config-file=${containerPaths.voterConfig}`];
    await start(plan, voter, image, options, command);
  }
  const [first] = plan.voters;
  const { etcd: user } = plan.logins.current;
  const script = `
    export ETCDCTL_ENDPOINTS=https://${first?.client.host}:${first?.client.port}
    export ETCDCTL_CACERT=/etc/identity/ca.crt ETCDCTL_CERT=/etc/identity/tls.crt ETCDCTL_KEY=/etc/identity/tls.key
    until etcdctl endpoint health >/dev/null 2>&1; do sleep 0.2; done
    etcdctl user add root:${password} && etcdctl user grant-role root root
    etcdctl user add ${user}:${password} && etcdctl role add all
    etcdctl role grant-permission all readwrite --prefix=true /
    etcdctl user grant-role ${user} all && etcdctl auth enable`;
  await docker(["exec", first?.name ?? "", "timeout", "30", "bash", "-c", script]);
}

/** As they are planned, but for the archive. */
async function seedSettings(plan: ClusterPlan): Promise<void> {
  const { parameters, ...others } = plan.settings.postgresql;
  const postgresql = { ...others, parameters: { ...parameters, archive_mode: "off" } };
  const [first] = plan.voters;
  const script = `
    export ETCDCTL_ENDPOINTS=https://${first?.client.host}:${first?.client.port}
    export ETCDCTL_CACERT=/etc/identity/ca.crt ETCDCTL_CERT=/etc/identity/tls.crt ETCDCTL_KEY=/etc/identity/tls.key
    etcdctl --user root:${password} put ${dcsConfigKey(plan, token)}`;
  await docker(
    ["exec", "--interactive", first?.name ?? "", "sh", "-c", script],
    JSON.stringify({ ...plan.settings, postgresql }),
  );
}

async function startMembers(plan: ClusterPlan, image: string): Promise<void> {
  const rest = { restUser: "spilo", restPassword: password, rewindPassword: password };
  for (const member of plan.members) {
    const given = renderMemberEnv(plan, member, token).map(({ name, value }) => [name, value] as const);
    const variables = {
      ...Object.fromEntries(given),
      ETCD3_PASSWORD: password,
      PGPASSWORD_STANDBY: password,
      PGPASSWORD_SUPERUSER: password,
      SPILO_CONFIGURATION: renderSpiloConfiguration(plan, rest),
    };
    const options = ["--memory", "1g", ...hardened.spilo, ...environment(variables)];
    const data = ["--volume", `${member.name}-data:${containerPaths.memberData}`];
    await start(plan, member, image, [...options, ...data]);
  }
}

async function remove(plan: ClusterPlan): Promise<void> {
  const parts = [...plan.voters, ...plan.members, ...plan.proxies].map(({ name }) => name);
  await execa("docker", ["rm", "--force", "--volumes", ...parts], { reject: false });
  const volumes = parts.flatMap((name) => [`${name}-identity`, `${name}-data`]);
  await execa("docker", ["volume", "rm", "--force", ...volumes], { reject: false });
  await execa("docker", ["network", "rm", plan.cluster], { reject: false });
}
