import * as pulumi from "@pulumi/pulumi";
import {
  type EnvVariable,
  identityFiles,
  type MemberPlan,
  type ReplicaPlan,
  renderArchiveEnv,
  renderMemberEnv,
  renderSpiloConfiguration,
  restoreWal,
  type ServerPartPlan,
} from "../cluster/index.ts";
import type { Archive } from "./archive.ts";
import type { Base, LeaderBase } from "./base.ts";
import { Chain } from "./chain.ts";
import type { Identities, IdentityFiles } from "./identity.ts";
import type { ConfigurationFile, StoreKey, Variable } from "./platform.ts";
import { makePooler, poolerFiles } from "./pooler.ts";
import { type Reach, reachOf } from "./reach.ts";
import { Joined } from "./resources/joined.ts";
import { Turn } from "./resources/turn.ts";
import { restUser } from "./secrets.ts";
import { restUrlOf } from "./urls.ts";

/** A member, and the engine that its container runs on. */
export interface MemberOnEngine {
  readonly name: string;
  readonly restUrl: string;
  readonly engine: string;
}

/** The members and read replicas as they were made. */
export interface Members {
  /** What there is when all members exist. */
  readonly all: readonly pulumi.Resource[];
  /** What is another one when a member was replaced, by its name. */
  readonly containers: ReadonlyMap<string, pulumi.Output<string>>;
}

/**
 * All read replicas and then all members, in a chain: each depends on the one before having joined, so a change of all of
 * them replaces one at a time, and whoever leads comes last. Before each is its turn, which gets it ready to be replaced. Names and addresses
 * are planned and never read back from another member, as that would replace them all at once.
 *
 * @param first what has to be there before the first of them.
 */
export function makeMembers(base: Base, archive: Archive, first: readonly pulumi.Resource[]): Members {
  const { plan, platform, identities, orders, begun, within } = base;
  const containers = new Map<string, pulumi.Output<string>>();
  const cluster = reachOf(base);
  const chain = new Chain(first, leaderLast(base, cluster));
  for (const member of [...plan.replicas, ...plan.members]) {
    const environment = environmentOf(base, member, archive);
    const after = chain.before(member.name);
    const turn = (made: pulumi.Output<string>) =>
      new Turn(
        `${member.name}-turn`,
        { member: member.name, cluster, made, memoryMib: member.memoryMib, ...kindOf(member) },
        { ...within, dependsOn: after },
      );
    const leave = async () => {
      await orders.leave(await settled(cluster), member.name);
    };
    const files = { ...filesOf(member, identities, archive), ...begun.originFiles };
    const part = platform.member(member, environment, files, after, { turn, leave, ...poolOf(base, member) });
    containers.set(member.name, part.identity);
    const args = { member: member.name, cluster, container: part.identity };
    chain.endsWith(member.name, new Joined(`${member.name}-joined`, args, within));
  }
  return { all: chain.all, containers };
}

/** Nothing where no pool stands beside it. */
function poolOf(
  base: Base,
  member: ReplicaPlan | MemberPlan,
): { readonly pooler?: readonly ConfigurationFile[] } {
  const pooler = "pooler" in member ? makePooler(base) : undefined;
  return pooler === undefined ? {} : { pooler: poolerFiles(base.plan, member, pooler) };
}

/** For what runs when the update does; by then it is known. */
function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value as T));
  });
}

/** A preview asks nobody: it says the same whoever leads. */
function leaderLast({ plan, orders }: Base, cluster: pulumi.Output<Reach>): pulumi.Output<readonly string[]> {
  const replicas = plan.replicas.map(({ name }) => name);
  if (pulumi.runtime.isDryRun()) return pulumi.output([...replicas, ...plan.members.map(({ name }) => name)]);
  return pulumi.unsecret(cluster.apply(async (reach) => [...replicas, ...(await orders.members(reach))]));
}

/** Left out where nothing is special, so that it is an input of no member. */
function kindOf(server: ReplicaPlan | MemberPlan): { readonly readReplica?: true } {
  return "replica" in server ? { readReplica: true } : {};
}

/** The members and where each of them runs, for what has to enter the leader's container. */
export function membersOnEngines({
  plan,
  platform,
}: Pick<LeaderBase, "plan" | "platform">): readonly MemberOnEngine[] {
  return plan.members.map((member) => {
    return { name: member.name, restUrl: restUrlOf(member), engine: platform.engineOf(member) };
  });
}

/** Its certificate, and what the certificate of the archive's server is checked with. */
function filesOf(
  { name, certificate }: ServerPartPlan,
  identities: Identities,
  { ca, copyFiles }: Archive,
): IdentityFiles {
  return {
    ...identities.issue(name, certificate, "usual"),
    [identityFiles.restoreWal]: { content: restoreWal, mode: 0o644 },
    ...(ca === undefined ? {} : { [identityFiles.s3Ca]: { content: ca, mode: 0o644 } }),
    ...copyFiles,
  };
}

function environmentOf(
  { plan, incarnation, secrets, begun }: Base,
  member: MemberPlan | ReplicaPlan,
  archive: Archive,
): readonly Variable[] {
  const held = pulumi.all([secrets.rest, secrets.rewind, begun.origin]);
  const configuration = held.apply(([restPassword, rewindPassword, origin]) =>
    renderSpiloConfiguration(plan, { restUser, restPassword, rewindPassword }, member, origin),
  );
  return [
    ...inEach(incarnation, (token) => renderMemberEnv(plan, member, token)),
    ...inEach(incarnation, (token) => renderArchiveEnv(plan, token)),
    ...(archive.key.accessKey === "" ? [] : keyOf(archive.key)),
    { name: "ETCD3_PASSWORD", value: secrets.etcd },
    { name: "PGPASSWORD_STANDBY", value: secrets.standby },
    { name: "PGPASSWORD_SUPERUSER", value: secrets.superuser },
    { name: "SPILO_CONFIGURATION", value: configuration },
  ];
}

function keyOf({ accessKey, secretKey }: StoreKey): readonly Variable[] {
  return [
    { name: "AWS_ACCESS_KEY_ID", value: accessKey },
    { name: "AWS_SECRET_ACCESS_KEY", value: pulumi.secret(secretKey) },
  ];
}

/** Variables one by one, although only their values wait for the incarnation: which there are is known before. */
function inEach(
  incarnation: pulumi.Output<string>,
  render: (incarnation: string) => readonly EnvVariable[],
): readonly Variable[] {
  return render("0").map(({ name, value: known }) => {
    const value = (token: string) => render(token).find((variable) => variable.name === name)?.value ?? "";
    return { name, value: value("1") === known ? known : incarnation.apply(value) };
  });
}
