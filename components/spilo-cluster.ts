import * as pulumi from "@pulumi/pulumi";
import type {
  ClusterSpecInput,
  EndpointPlan,
  ImageNames,
  MaintenancePlan,
  RecoveryPlan,
  StandbyPlan,
} from "../cluster/index.ts";
import { makeArchive } from "./archive.ts";
import {
  type ArchiveOutput,
  archiveOutput,
  type Credentials,
  credentialsOutput,
  type MemberOutput,
  memberOutputs,
  type PlacementOutput,
  type ProxyOutput,
  placementOutput,
  proxyOutputs,
  type ReplicaOutput,
  replicaOutputs,
  synchronousStandbysOf,
  type VoterOutput,
  voterOutputs,
} from "./cluster-outputs.ts";
import { makeSettings, makeVoters } from "./dcs.ts";
import { makeDeparture } from "./departure.ts";
import { makeEndpoint } from "./endpoint.ts";
import { type GivenAuthority, makeDistrusted, makeIdentities } from "./identity.ts";
import { makeFirstBackup, makeFollowing, makeReadiness, makeRoles } from "./leader-work.ts";
import { makeLoginsClosed, makeLoginsOpened } from "./logins.ts";
import { makeMarker } from "./marker.ts";
import { makeMembers } from "./members.ts";
import { asTheyStand, type Orders } from "./orders.ts";
import { makeIncarnation } from "./origin.ts";
import { planOrRefuse } from "./plan-or-refuse.ts";
import type { StoreKey } from "./platform.ts";
import { groundOf, platformOf } from "./platform-of.ts";
import { formerNames } from "./renamed.ts";
import { Specification } from "./resources/specification.ts";
import { makeRestored } from "./restored.ts";
import { makeSecrets } from "./secrets.ts";
import { authorityOf, type SourceValue, sourceOutput } from "./source.ts";
import { makeTags } from "./tags.ts";
import { makeGuard } from "./teardown.ts";

/** The specification of a cluster, and what does not belong into one. */
export type SpiloClusterArgs = ClusterSpecInput & {
  /** Opens the S3 server of `backup.endpoint`: needed with it, and only with it. */
  readonly storeKey?: StoreKey | undefined;
  /** Opens the archive of `restoreFrom` or `standbyOf`. @default `storeKey` */
  readonly originKey?: StoreKey | undefined;
  /** Opens the S3 server of `backup.second`. @default `storeKey` */
  readonly secondKey?: StoreKey | undefined;
  /**
   * Secret. The output `source` of the cluster that is followed: needed by a new cluster with `standbyOf.host`, and to be
   * kept after a promotion, as the two go on sharing an authority.
   */
  readonly source?: pulumi.Input<SourceValue> | undefined;
  /** Signs the certificates of all parts: needed with `tls.ca: given`, and only with it. */
  readonly authority?: GivenAuthority | undefined;
  /** In which order an update takes the parts of a running cluster. @default it is asked who leads */
  readonly orders?: Orders | undefined;
  /** Images of this machine; those that the specification names come first. @default the published ones */
  readonly images?: ImageNames | undefined;
};

/**
 * A highly available PostgreSQL cluster of Spilo: members, etcd voters, an endpoint that never changes, and an archive
 * of WAL and base backups.
 *
 *     const orders = new SpiloCluster("orders", { name: "orders" });
 *     export const uri = orders.uri;
 *
 * Removing it removes the data. In every stack but `dev` that is refused until an update was made with
 * `deletionProtection: false`, and the data is backed up first (`finalBackup`). A change of most settings replaces no
 * container; what does, goes one member at a time.
 */
export class SpiloCluster extends pulumi.ComponentResource {
  /** The name that the specification gives it. */
  readonly clusterName: string;
  /** Where clients connect; the same for the cluster's whole life. */
  readonly endpoint: pulumi.Output<EndpointPlan>;
  /** Secret. The application on whoever leads, by the endpoint. Known when the cluster is ready. */
  readonly uri: pulumi.Output<string>;
  /** Secret. The application on a standby, or on the leader when no standby is left. Known when the cluster is ready. */
  readonly readOnlyUri: pulumi.Output<string>;
  /** Secret. The application on a read replica, else where `readOnlyUri` leads; undefined when none is declared. */
  readonly replicasUri: pulumi.Output<string> | undefined;
  /** Secret. The application on whoever leads, through a connection pool; undefined when there is none. */
  readonly pooledUri: pulumi.Output<string> | undefined;
  /**
   * Secret. The application on whoever leads, by the members' own addresses: for clients that try one after the other
   * (libpq, JDBC and others). It names the members there are; the endpoint does not change with them.
   */
  readonly multiHostUri: pulumi.Output<string>;
  /** Secret. The same on a standby, or on the leader when no standby is left. */
  readonly multiHostReadOnlyUri: pulumi.Output<string>;
  readonly members: pulumi.Output<readonly MemberOutput[]>;
  /** Read replicas, which never lead. */
  readonly replicas: pulumi.Output<readonly ReplicaOutput[]>;
  readonly voters: pulumi.Output<readonly VoterOutput[]>;
  readonly proxies: pulumi.Output<readonly ProxyOutput[]>;
  /** Which zones there are, and whether members stand in one or in several. */
  readonly placement: pulumi.Output<PlacementOutput>;
  /** How many standbys the specification asks to have each commit; 0: none. */
  readonly synchronousStandbys: pulumi.Output<number>;
  /** How soon a lost leader is replaced, as declared and as expected. */
  readonly recovery: pulumi.Output<RecoveryPlan>;
  /** When pending work is to be done: see `spiloctl maintain`. */
  readonly maintenance: pulumi.Output<MaintenancePlan>;
  /** The size that each member's volume is declared to have, MiB; null: none is. */
  readonly volumeMib: pulumi.Output<number | null>;
  /** Known when the first base backup is in the bucket. */
  readonly archive: pulumi.Output<ArchiveOutput>;
  /** Eight hexadecimal digits, in the name of everything that keeps data. */
  readonly incarnation: pulumi.Output<string>;
  /** Sentences: what the cluster survives by itself, and what it does not. */
  readonly survives: pulumi.Output<readonly string[]>;
  /** PEM: what the certificates of the endpoint and of all parts are checked with (`sslrootcert`). */
  readonly ca: pulumi.Output<string>;
  /** Secret. For actions on the running cluster. */
  readonly credentials: pulumi.Output<Credentials>;
  /**
   * Secret. What a cluster is given that is to follow this one: the authority, and the logins of the database. Undefined
   * unless `endpoint.standbys` is on: nobody else needs the authority's key.
   */
  readonly source: pulumi.Output<SourceValue> | undefined;
  /** What the cluster is declared to follow; null: nothing. */
  readonly standbyOf: pulumi.Output<StandbyPlan | null>;

  /** @throws pulumi.RunError with everything that is wrong with the specification, before anything is registered. */
  constructor(name: string, args: SpiloClusterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const { storeKey, originKey = storeKey, secondKey = storeKey, ...rest } = args;
    const { orders = asTheyStand, images = {}, authority: own, source: pair, ...specification } = rest;
    const source = pair === undefined ? undefined : pulumi.secret(pulumi.output(pair));
    const authority = own ?? authorityOf(source, specification);
    const keys = { storeKey, originKey, secondKey, source };
    const { spec, plan } = planOrRefuse({ specification, images, ...keys, authority });
    const parts: Parts = { first: [], others: [] };
    super("spilo:index:SpiloCluster", name, { cluster: plan.cluster }, afterFirst(parts, opts));
    const within = { parent: this };
    const ground = groundOf(plan, within);
    // By the component's name, not the cluster's: a cluster that is renamed is refused, not made anew.
    parts.first.push(
      new Specification(`${name}-specification`, spec, { ...within, dependsOn: ground.sound }),
    );

    const begun = makeIncarnation(plan, keys.originKey, within);
    const { token } = begun;
    parts.first.push(...makeMarker(plan, token, within));
    const secrets = makeSecrets(plan, source, within);
    const hold = (until: pulumi.Output<pulumi.Resource[]>) => {
      parts.held = until;
    };
    const platform = platformOf(plan, ground, begun, within, { orders, hold });
    const identities = makeIdentities(plan, authority, within, platform);
    const base = { plan, platform, incarnation: token, begun, secrets, identities, orders, within };
    const archive = makeArchive(base, keys);
    const opened = makeLoginsOpened(base, [makeVoters(base)]);
    const settings = makeSettings(base, [makeDeparture(base, opened)]);
    const members = makeMembers(base, archive, [archive.bucket, settings]);
    const { all } = members;
    const { standby } = plan;
    const begins =
      standby === undefined ? makeRestored(base, all) : [makeFollowing(base, standby.cluster, all)];
    // What is written into the database comes with the copy, until the cluster leads by itself.
    const roles = standby === undefined ? makeRoles(base, begins) : undefined;
    const ready = makeReadiness(base, begins);
    const tags = makeTags(base, members, ready);
    const endpoint = makeEndpoint(base, { ready, roles, members: all });
    const backup = standby === undefined ? makeFirstBackup(base, archive, begins) : undefined;
    const written = [roles, backup].filter((one) => one !== undefined);
    const closed = makeLoginsClosed(base, [ready, ...written, ...tags, ...endpoint.done]);
    makeDistrusted(base, [closed]);
    platform.limitProcesses();
    makeGuard(base, archive, [...parts.others]);

    this.clusterName = plan.cluster;
    this.endpoint = pulumi.output(plan.endpoint);
    this.uri = endpoint.uri;
    this.readOnlyUri = endpoint.readOnlyUri;
    this.replicasUri = endpoint.replicasUri;
    this.pooledUri = endpoint.pooledUri;
    this.multiHostUri = endpoint.multiHostUri;
    this.multiHostReadOnlyUri = endpoint.multiHostReadOnlyUri;
    this.members = pulumi.output(memberOutputs(base));
    this.replicas = pulumi.output(replicaOutputs(base));
    this.voters = pulumi.output(voterOutputs(base));
    this.proxies = pulumi.output(proxyOutputs(base));
    this.placement = pulumi.output(placementOutput(plan));
    this.synchronousStandbys = pulumi.output(synchronousStandbysOf(plan));
    this.recovery = pulumi.output(plan.recovery);
    this.maintenance = pulumi.output(plan.maintenance);
    this.volumeMib = pulumi.output(plan.volumeMib ?? null);
    this.archive = archiveOutput(base, archive, backup);
    this.incarnation = token;
    this.survives = pulumi.output(plan.survives);
    this.ca = identities.ca;
    this.credentials = credentialsOutput(base, archive);
    this.source = plan.endpoint.standbys ? sourceOutput(base) : undefined;
    this.standbyOf = pulumi.output(standby ?? null);
    this.registerOutputs({ endpoint: this.endpoint, incarnation: this.incarnation, survives: this.survives });
  }
}

/** What a cluster is made of, in the order in which it is declared. */
interface Parts {
  /** All that comes later depends on them. */
  readonly first: pulumi.Resource[];
  /** What the platform has all that is declared from now on wait for. */
  held?: pulumi.Output<pulumi.Resource[]>;
  readonly others: pulumi.Resource[];
}

/**
 * Makes every part depend on the first ones, so that a refusal there comes before anything is touched, and what tells of a
 * cluster that is half gone goes last; and notes it. Each is found by what an earlier version called it, too.
 */
function afterFirst(parts: Parts, opts: pulumi.ComponentResourceOptions): pulumi.ComponentResourceOptions {
  const wait: pulumi.ResourceTransformation = ({ resource, type, name, props, opts: given }) => {
    const aliases = [...formerNames(type, name)];
    if (parts.first.length === 0) return { props, opts: pulumi.mergeOptions(given, { aliases }) };
    parts.others.push(resource);
    const after = pulumi.mergeOptions(given, { aliases, dependsOn: [...parts.first] });
    return {
      props,
      opts: parts.held === undefined ? after : pulumi.mergeOptions(after, { dependsOn: parts.held }),
    };
  };
  return pulumi.mergeOptions(opts, { transformations: [wait] });
}
