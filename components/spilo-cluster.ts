import * as pulumi from "@pulumi/pulumi";
import {
  archivePrefix,
  type ClusterPlan,
  type ClusterSpecInput,
  dcsConfigKey,
  type EndpointPlan,
  type ImageNames,
  renderEtcd,
} from "../cluster/index.ts";
import { type Archive, makeArchive } from "./archive.ts";
import {
  type ArchiveOutput,
  archiveOutput,
  type Credentials,
  credentialsOutput,
  type MemberOutput,
  memberOutput,
} from "./cluster-outputs.ts";
import { dockerPlatform } from "./docker/platform.ts";
import { makeEndpoint } from "./endpoint.ts";
import { makeMembers, restUrlOf } from "./members.ts";
import { planOrRefuse } from "./plan-or-refuse.ts";
import type { Platform, StoreKey } from "./platform.ts";
import { DynamicSettings } from "./resources/dynamic-settings.ts";
import { FirstBackup } from "./resources/first-backup.ts";
import { Incarnation } from "./resources/incarnation.ts";
import { Readiness } from "./resources/readiness.ts";
import { Specification } from "./resources/specification.ts";
import { type ClusterSecrets, makeSecrets, restUser } from "./secrets.ts";

/** The specification of a cluster, and what does not belong into one. */
export type SpiloClusterArgs = ClusterSpecInput & {
  /** Opens the S3 server of `backup.endpoint`: needed with it, and only with it. */
  readonly storeKey?: StoreKey | undefined;
  /** Images of this machine; those that the specification names come first. @default the published ones */
  readonly images?: ImageNames | undefined;
};

interface Within {
  readonly parent: pulumi.Resource;
}

/**
 * A highly available PostgreSQL cluster of Spilo: members, etcd voters, an endpoint that never changes, and an archive
 * of WAL and base backups.
 *
 *     const orders = new SpiloCluster("orders", { name: "orders" });
 *     export const uri = orders.uri;
 *
 * Removing it removes the data. A change of most settings replaces no container; what does, goes one member at a time.
 */
export class SpiloCluster extends pulumi.ComponentResource {
  /** Where clients connect; the same for the cluster's whole life. */
  readonly endpoint: pulumi.Output<EndpointPlan>;
  /** Secret. The superuser on whoever leads. Known when the cluster is ready. */
  readonly uri: pulumi.Output<string>;
  /** Secret. The superuser on a standby, or on the leader when no standby is left. Known when the cluster is ready. */
  readonly readOnlyUri: pulumi.Output<string>;
  /** Secret. The superuser on whoever leads, through a connection pool; undefined when there is none. */
  readonly pooledUri: pulumi.Output<string> | undefined;
  /**
   * Secret. The superuser on whoever leads, by the members' own addresses: for clients that try one after the other
   * (libpq, JDBC and others). It names the members there are; the endpoint does not change with them.
   */
  readonly multiHostUri: pulumi.Output<string>;
  /** Secret. The same on a standby, or on the leader when no standby is left. */
  readonly multiHostReadOnlyUri: pulumi.Output<string>;
  readonly members: pulumi.Output<readonly MemberOutput[]>;
  /** Client URLs of the etcd voters. */
  readonly voters: pulumi.Output<readonly string[]>;
  /** Known when the first base backup is in the bucket. */
  readonly archive: pulumi.Output<ArchiveOutput>;
  /** Eight hexadecimal digits, in the name of everything that keeps data. */
  readonly incarnation: pulumi.Output<string>;
  /** Sentences: what the cluster survives by itself, and what it does not. */
  readonly survives: pulumi.Output<readonly string[]>;
  /** Secret. For actions on the running cluster. */
  readonly credentials: pulumi.Output<Credentials>;

  /** @throws pulumi.RunError with everything that is wrong with the specification, before anything is registered. */
  constructor(name: string, args: SpiloClusterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const { storeKey, images = {}, ...specification } = args;
    const { spec, plan } = planOrRefuse({ specification, images, storeKey });
    const first: { resource?: pulumi.Resource } = {};
    super("spilo:index:SpiloCluster", name, { cluster: plan.cluster }, afterFirst(first, opts));
    const within = { parent: this };
    // By the component's name, not the cluster's: a cluster that is renamed is refused, not made anew.
    first.resource = new Specification(`${name}-specification`, spec, within);

    const { token } = new Incarnation(`${plan.cluster}-incarnation`, { cluster: plan.cluster }, within);
    const secrets = makeSecrets(plan.cluster, within);
    const platform = dockerPlatform(plan, token, within);
    const voters = makeVoters(plan, platform, token);
    const archive = makeArchive(plan, platform, storeKey, within);
    const settings = makeSettings(plan, token, secrets, voters, within);
    const before = [archive.bucket, settings];
    const members = makeMembers(plan, platform, token, { ...secrets, store: archive.key }, before, within);
    const ready = makeReadiness(plan, secrets, members, within);
    const endpoint = makeEndpoint(plan, platform, secrets, ready, within);
    const backup = makeFirstBackup(plan, platform, token, archive, members, within);

    this.endpoint = pulumi.output(plan.endpoint);
    this.uri = endpoint.uri;
    this.readOnlyUri = endpoint.readOnlyUri;
    this.pooledUri = endpoint.pooledUri;
    this.multiHostUri = endpoint.multiHostUri;
    this.multiHostReadOnlyUri = endpoint.multiHostReadOnlyUri;
    this.members = pulumi.output(plan.members.map(memberOutput));
    this.voters = pulumi.output(voterUrls(plan));
    this.archive = archiveOutput(plan, token, backup);
    this.incarnation = token;
    this.survives = pulumi.output(plan.survives);
    this.credentials = credentialsOutput(secrets, archive);
    this.registerOutputs({ endpoint: this.endpoint, incarnation: this.incarnation, survives: this.survives });
  }
}

/** Makes every part depend on the first one, so that a refusal there comes before anything is touched. */
function afterFirst(
  first: { readonly resource?: pulumi.Resource },
  opts: pulumi.ComponentResourceOptions,
): pulumi.ComponentResourceOptions {
  const wait: pulumi.ResourceTransformation = ({ props, opts: given }) =>
    first.resource === undefined
      ? undefined
      : { props, opts: pulumi.mergeOptions(given, { dependsOn: first.resource }) };
  return pulumi.mergeOptions(opts, { transformations: [wait] });
}

function makeVoters(
  plan: ClusterPlan,
  platform: Platform,
  incarnation: pulumi.Output<string>,
): readonly pulumi.Resource[] {
  return plan.voters.map((voter) => {
    const configuration = incarnation.apply((token) => renderEtcd(plan, voter, token));
    return platform.voter(voter, configuration).resource;
  });
}

/** In the DCS before the first member starts, so that it bootstraps with the right values. */
function makeSettings(
  plan: ClusterPlan,
  incarnation: pulumi.Output<string>,
  { rest, superuser }: ClusterSecrets,
  voters: readonly pulumi.Resource[],
  within: Within,
): DynamicSettings {
  const members = plan.members.map((member) => {
    return { name: member.name, restUrl: restUrlOf(member), ...member.postgres };
  });
  return new DynamicSettings(
    `${plan.cluster}-settings`,
    {
      settings: plan.settings,
      dcsKey: incarnation.apply((token) => dcsConfigKey(plan, token)),
      voters: voterUrls(plan),
      members,
      restUser,
      restPassword: rest,
      superuserPassword: superuser,
    },
    { ...within, dependsOn: [...voters] },
  );
}

function makeReadiness(
  plan: ClusterPlan,
  { rest }: ClusterSecrets,
  after: readonly pulumi.Resource[],
  within: Within,
): Readiness {
  const { synchronous_mode: mode, synchronous_node_count: count } = plan.settings;
  return new Readiness(
    `${plan.cluster}-ready`,
    {
      cluster: plan.cluster,
      members: plan.members.map((member) => ({ name: member.name, restUrl: restUrlOf(member) })),
      synchronousStandbys: mode === "off" ? 0 : Math.min(count, plan.members.length - 1),
      restUser,
      restPassword: rest,
    },
    { ...within, dependsOn: [...after] },
  );
}

/** Made while the standbys are: it needs the leader alone. */
function makeFirstBackup(
  plan: ClusterPlan,
  platform: Platform,
  incarnation: pulumi.Output<string>,
  { bucket, key }: Archive,
  after: readonly pulumi.Resource[],
  within: Within,
): FirstBackup {
  const { endpoint, region } = plan.archive;
  const members = plan.members.map((member) => {
    return { name: member.name, restUrl: restUrlOf(member), engine: platform.engineOf(member.zone) };
  });
  const prefix = incarnation.apply((token) => archivePrefix(plan, token));
  return new FirstBackup(
    `${plan.cluster}-first-backup`,
    { members, endpoint, region, bucket: plan.archive.bucket, prefix, ...key },
    { ...within, dependsOn: [bucket, ...after] },
  );
}

function voterUrls({ voters }: ClusterPlan): readonly string[] {
  return voters.map(({ client }) => `http://${client.host}:${client.port}`);
}
