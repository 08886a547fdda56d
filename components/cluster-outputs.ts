import * as pulumi from "@pulumi/pulumi";
import {
  archivePrefix,
  type BucketPlan,
  type ClusterPlan,
  type PlacementPlan,
  type ZonePlan,
} from "../cluster/index.ts";
import type { Archive } from "./archive.ts";
import type { Base } from "./base.ts";
import type { AccessValue } from "./identity.ts";
import type { Platform } from "./platform.ts";
import type { FirstBackup } from "./resources/first-backup.ts";
import { restUser } from "./secrets.ts";
import { restUrlOf, voterUrls } from "./urls.ts";

/** How to reach a member. Which of them leads is asked, never known. */
export interface MemberOutput {
  readonly name: string;
  readonly address: string;
  readonly postgresPort: number;
  readonly restUrl: string;
  /** Of the Docker engine that it runs on. */
  readonly engine: string;
  readonly zone: string;
  /** Whether it may have synchronous commits. One that may not is tagged `nosync` in Patroni. */
  readonly synchronous: boolean;
}

/** How to reach a read replica. */
export interface ReplicaOutput {
  readonly name: string;
  /** As the specification calls it. */
  readonly replica: string;
  readonly address: string;
  readonly postgresPort: number;
  readonly restUrl: string;
  readonly engine: string;
  readonly zone: string;
  /** Whom it follows as long as that one is there; absent: the leader. */
  readonly upstream?: string;
  /** How long after its commit a change shows up, seconds; absent: at once. */
  readonly applyDelaySeconds?: number;
}

/** An etcd voter and its client URL. */
export interface VoterOutput {
  readonly name: string;
  readonly url: string;
}

/** A proxy in front of the members. */
export interface ProxyOutput {
  readonly name: string;
  readonly address: string;
  readonly engine: string;
}

/** Where WAL and base backups are, and the first of these. */
export interface ArchiveOutput {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  /** What the server's certificate is checked with; absent when that is an authority that everybody knows. */
  readonly ca?: string;
  /** When base backups are made: a cron line, UTC. */
  readonly schedule: string;
  /** Empty in a cluster that follows another one. */
  readonly firstBackup: string;
  readonly firstBackupBytes: number;
  /** Where all of it is copied to, below the same prefix; absent: nowhere. */
  readonly second?: BucketPlan;
}

/** What actions on the running cluster need to be let in. */
export interface OperatingCredentials {
  /** Sees what is going on; owns nothing but a database for probes. */
  readonly operator: { readonly user: string; readonly password: string };
  readonly rest: { readonly user: string; readonly password: string; readonly former?: string };
  /** Whom poolers know as the operator until they are replaced; absent in a stack's outputs. */
  readonly formerOperator?: { readonly user: string; readonly password: string };
  /** May read and write the keys of this incarnation in etcd. */
  readonly etcd: { readonly user: string; readonly password: string };
  /** The certificate that members, voters and proxies want to see. */
  readonly access: AccessValue;
}

/** All that opens something. */
export interface Credentials extends OperatingCredentials {
  readonly application: { readonly user: string; readonly password: string; readonly database: string };
  readonly archive: { readonly accessKey: string; readonly secretKey: string };
  /** Of the second bucket; absent: there is none. */
  readonly secondArchive?: { readonly accessKey: string; readonly secretKey: string };
}

/** The plan, and where its zones are. */
interface Placed {
  readonly plan: ClusterPlan;
  readonly platform: Pick<Platform, "engineOf">;
}

export function memberOutputs({ plan, platform }: Placed): readonly MemberOutput[] {
  return plan.members.map((member) => {
    const { name, address, postgres, zone, synchronous } = member;
    const engine = platform.engineOf(member);
    const restUrl = restUrlOf(member);
    return { name, address, postgresPort: postgres.port, restUrl, engine, zone, synchronous };
  });
}

export function replicaOutputs({ plan, platform }: Placed): readonly ReplicaOutput[] {
  return plan.replicas.map((planned) => {
    const { name, replica, address, postgres, zone, upstream, applyDelaySeconds } = planned;
    return {
      ...{ name, replica, address, postgresPort: postgres.port, restUrl: restUrlOf(planned) },
      ...{ engine: platform.engineOf(planned), zone },
      ...(upstream === undefined ? {} : { upstream }),
      ...(applyDelaySeconds === undefined ? {} : { applyDelaySeconds }),
    };
  });
}

export function voterOutputs({ plan }: Placed): readonly VoterOutput[] {
  const urls = voterUrls(plan);
  return plan.voters.map(({ name }, index) => ({ name, url: urls[index] ?? "" }));
}

export function proxyOutputs({ plan, platform }: Placed): readonly ProxyOutput[] {
  return plan.proxies.map((proxy) => {
    const { name, address } = proxy;
    return { name, address, engine: platform.engineOf(proxy) };
  });
}

/** Where the cluster stands, for whoever looks at it. */
export interface PlacementOutput extends PlacementPlan {
  readonly zones: readonly ZonePlan[];
}

export function placementOutput({ placement, zones }: ClusterPlan): PlacementOutput {
  return { ...placement, zones };
}

/** How many standbys the specification asks to have each commit; 0: none. */
export function synchronousStandbysOf({ settings, members, standby }: ClusterPlan): number {
  // Patroni has nobody wait in a cluster that follows another one: it has no commits of its own.
  if (standby !== undefined) return 0;
  const { synchronous_mode: mode, synchronous_node_count: count } = settings;
  return mode === "off" ? 0 : Math.min(count, members.length - 1);
}

/** The first backup is part of it, so it is known when there is one. A cluster that follows another one has none. */
export function archiveOutput(
  { plan, incarnation }: Base,
  { ca }: Archive,
  backup: FirstBackup | undefined,
): pulumi.Output<ArchiveOutput> {
  const { endpoint, region, bucket, schedule, second } = plan.archive;
  const known = pulumi.all([incarnation, ca ?? "", backup?.backup ?? "", backup?.sizeBytes ?? 0]);
  return known.apply(([token, authority, name, bytes]) => {
    const prefix = archivePrefix(plan, token);
    const trusted = authority === "" ? {} : { ca: authority };
    const first = { firstBackup: name, firstBackupBytes: bytes };
    const copied = second === undefined ? {} : { second };
    return { endpoint, region, bucket, prefix, ...trusted, schedule, ...first, ...copied };
  });
}

/** Secret. */
export function credentialsFor({
  plan,
  secrets,
  identities: { access },
}: Pick<Base, "plan" | "secrets" | "identities">): pulumi.Output<OperatingCredentials> {
  const { operator, etcd } = plan.logins.current;
  return pulumi.secret(
    pulumi.output({
      operator: { user: operator, password: secrets.operator },
      rest: { user: restUser, password: secrets.rest },
      etcd: { user: etcd, password: secrets.etcd },
      access,
    }),
  );
}

/** Secret. */
export function credentialsOutput(base: Base, { key, secondKey }: Archive): pulumi.Output<Credentials> {
  const { application, logins } = base.plan;
  const more = pulumi.output({
    application: {
      user: logins.current.application,
      password: base.secrets.application,
      database: application.database,
    },
    archive: { accessKey: key.accessKey, secretKey: key.secretKey },
    ...(secondKey === undefined ? {} : { secondArchive: { ...secondKey } }),
  });
  return pulumi.secret(
    pulumi.all([credentialsFor(base), more]).apply(([own, others]) => ({ ...own, ...others })),
  );
}

/**
 * A connection string of the application through the endpoint, once `when` is there. Whoever connects has to know the
 * authority that the server's certificate is checked with: `sslrootcert`, with the output `ca` in that file.
 */
export function uriOutput(
  base: Base,
  port: number,
  when: readonly pulumi.CustomResource[],
): pulumi.Output<string> {
  const { address, hosts = [address], readWritePort, readOnlyPort, replicasPort } = base.plan.endpoint;
  // A proxy leads readers elsewhere while no read replica is fresh. A load balancer does not: clients do.
  const elsewhere = base.plan.aws !== undefined && port === replicasPort ? [readOnlyPort] : [];
  const each = [port, ...elsewhere].flatMap((one) => hosts.map((host) => `${host}:${one}`));
  // Three seconds for whoever does not answer: libpq waits for ever otherwise.
  const inTurn = each.length > 1 ? "&connect_timeout=3" : "";
  // A load balancer that finds nobody fit leads to anybody.
  const leader = base.plan.aws !== undefined && port === readWritePort;
  const onlyLeader = leader ? "&target_session_attrs=read-write" : "";
  return uri(base, each.join(","), `sslmode=verify-full${inTurn}${onlyLeader}`, when);
}

/**
 * A connection string of the application with every member's own address, once `when` is there. Three seconds for a
 * member that does not answer: libpq waits for ever otherwise.
 */
export function multiHostUriOutput(
  base: Base,
  target: "read-write" | "prefer-standby",
  when: readonly pulumi.CustomResource[],
): pulumi.Output<string> {
  const hosts = base.plan.members.map(({ postgres }) => `${postgres.host}:${postgres.port}`).join(",");
  const options = `sslmode=verify-full&connect_timeout=3&target_session_attrs=${target}`;
  return uri(base, hosts, options, when);
}

function uri(
  { plan: { application, logins }, secrets }: Base,
  hosts: string,
  options: string,
  when: readonly pulumi.CustomResource[],
): pulumi.Output<string> {
  const user = logins.current.application;
  return pulumi.secret(
    pulumi
      .all([secrets.application, ...when.map(({ id }) => id)])
      .apply(([password]) => `postgresql://${user}:${password}@${hosts}/${application.database}?${options}`),
  );
}
