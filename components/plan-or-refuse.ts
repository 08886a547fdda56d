import * as pulumi from "@pulumi/pulumi";
import {
  type BucketPlan,
  type ClusterPlan,
  type ClusterSpec,
  guardedIn,
  type ImageNames,
  isOpenByRole,
  parseSpec,
  planCluster,
  SpecError,
} from "../cluster/index.ts";
import { claimPorts } from "./claimed-ports.ts";
import type { GivenAuthority } from "./identity.ts";
import type { StoreKey } from "./platform.ts";
import { refusal } from "./refusal.ts";

/** What a refusal looks at: the specification, not yet checked, and what stands beside it. */
export interface Proposal {
  readonly specification: object;
  readonly images: ImageNames;
  readonly storeKey: StoreKey | undefined;
  readonly originKey: StoreKey | undefined;
  readonly secondKey: StoreKey | undefined;
  readonly authority: GivenAuthority | undefined;
  /** What the cluster that is followed has handed over. */
  readonly source: object | undefined;
}

/** A specification with its defaults, and what follows from it. */
export interface Declared {
  readonly spec: ClusterSpec;
  readonly plan: ClusterPlan;
}

/**
 * The plan of a specification, or a refusal. It has to come before the first resource: Pulumi does not roll back.
 *
 * @throws pulumi.RunError, which is printed without a stack, with everything that is wrong.
 */
export function planOrRefuse(proposal: Proposal): Declared {
  const { specification, images, storeKey, originKey, secondKey, authority, source } = proposal;
  const spec = refuseBadSpec(() => parseSpec(guardedIn(pulumi.getStack(), specification), images));
  const plan = planCluster(spec);
  refuseLoneKey(plan, storeKey);
  refuseClosed(plan, "restoreFrom", plan.origin, "origin", originKey);
  refuseClosed(plan, "standbyOf", plan.standby?.archive, "origin", originKey);
  refuseClosed(plan, "backup.second", plan.archive.second, "second", secondKey);
  refuseStranger(spec, source);
  refuseLoneAuthority(spec, authority);
  claimPorts(spec, plan);
  return { spec, plan };
}

function refuseLoneKey(plan: ClusterPlan, storeKey: StoreKey | undefined): void {
  const { own } = plan.archive;
  if (plan.aws !== undefined) {
    if (storeKey === undefined) return;
    throw refusal(
      'error  spilo:s3AccessKey: is set, but spilo:cluster.platform is "aws"\n' +
        "       the bucket lets the cluster's machines in by what they are, and you by your own credentials.\n" +
        "       Remove spilo:s3AccessKey and spilo:s3SecretKey.",
    );
  }
  if (own && storeKey !== undefined) {
    throw refusal(
      "error  spilo:s3AccessKey: is set, but spilo:cluster.backup.endpoint is not\n" +
        "       the stack's own S3 server makes its own key.\n" +
        "       Set backup.endpoint, or remove spilo:s3AccessKey and spilo:s3SecretKey.",
    );
  }
  if (!own && storeKey === undefined) {
    throw refusal(
      `error  spilo:cluster.backup.endpoint: "${plan.archive.endpoint}"\n` +
        "       an S3 server of yours needs a key.\n" +
        "       Run `pulumi config set spilo:s3AccessKey …` and `pulumi config set --secret spilo:s3SecretKey …`.",
    );
  }
}

/** @param store what the names of its keys in the configuration begin with. */
function refuseClosed(
  plan: ClusterPlan,
  key: string,
  bucket: BucketPlan | undefined,
  store: string,
  opensIt: StoreKey | undefined,
): void {
  if (bucket === undefined || opensIt !== undefined || isOpenByRole(plan, bucket)) return;
  throw refusal(
    `error  spilo:cluster.${key}.endpoint: "${bucket.endpoint}"\n` +
      "       an S3 server of yours needs a key.\n" +
      `       Run \`pulumi config set spilo:${store}AccessKey …\` and \`pulumi config set --secret spilo:${store}SecretKey …\`.`,
  );
}

/**
 * Two clusters know each other by one authority. One that has led before has it already, and with it the logins: it needs
 * nothing of the other.
 */
function refuseStranger({ tls: { ca }, standbyOf }: ClusterSpec, source: object | undefined): void {
  if (source !== undefined && ca === "generated") {
    throw refusal(
      'error  spilo:source: is set, but spilo:cluster.tls.ca is "generated"\n' +
        "       a cluster that follows another one has certificates of the other one's authority.\n" +
        "       Set tls.ca to given, or remove spilo:source.",
    );
  }
  if (standbyOf?.host !== undefined && source === undefined && ca === "given") {
    throw refusal(
      `error  spilo:cluster.standbyOf.host: "${standbyOf.host}"\n` +
        `       ${standbyOf.cluster} lets in who has its logins.\n` +
        "       Run `pulumi stack output source --json --show-secrets --stack OTHER | pulumi config set --secret spilo:source`.",
    );
  }
}

function refuseLoneAuthority({ tls: { ca } }: ClusterSpec, authority: GivenAuthority | undefined): void {
  if (ca === "generated" && authority !== undefined) {
    throw refusal(
      'error  spilo:caCertificate: is set, but spilo:cluster.tls.ca is "generated"\n' +
        "       the cluster makes an authority of its own.\n" +
        "       Set tls.ca to given, or remove spilo:caCertificate and spilo:caPrivateKey.",
    );
  }
  if (ca === "given" && authority === undefined) {
    throw refusal(
      'error  spilo:cluster.tls.ca: "given"\n' +
        "       an authority of yours needs its certificate and its private key, both as PEM.\n" +
        "       Run `pulumi config set spilo:caCertificate < ca.crt` and `pulumi config set --secret spilo:caPrivateKey < ca.key`.",
    );
  }
}

function refuseBadSpec<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SpecError) throw refusal(error.message);
    throw error;
  }
}
