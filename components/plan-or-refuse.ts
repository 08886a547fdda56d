import {
  type ClusterPlan,
  type ClusterSpec,
  type ImageNames,
  parseSpec,
  planCluster,
  SpecError,
} from "../cluster/index.ts";
import { refuseUnproven } from "./aws/unproven.ts";
import { claimPorts } from "./claimed-ports.ts";
import type { GivenAuthority } from "./identity.ts";
import type { StoreKey } from "./platform.ts";
import { refusal } from "./refusal.ts";
import { guardedByStack } from "./teardown.ts";

/** What a refusal looks at: the specification, not yet checked, and what stands beside it. */
export interface Proposal {
  readonly specification: object;
  readonly images: ImageNames;
  readonly storeKey: StoreKey | undefined;
  readonly originKey: StoreKey | undefined;
  readonly authority: GivenAuthority | undefined;
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
  const { specification, images, storeKey, originKey, authority } = proposal;
  const spec = refuseBadSpec(() => parseSpec(guardedByStack(specification), images));
  const plan = planCluster(spec);
  refuseUnproven(plan);
  refuseLoneKey(plan, storeKey);
  refuseClosedOrigin(plan, originKey);
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

function refuseClosedOrigin({ origin }: ClusterPlan, originKey: StoreKey | undefined): void {
  if (origin === undefined || originKey !== undefined) return;
  throw refusal(
    `error  spilo:cluster.restoreFrom.endpoint: "${origin.endpoint}"\n` +
      "       an S3 server of yours needs a key.\n" +
      "       Run `pulumi config set spilo:originAccessKey …` and `pulumi config set --secret spilo:originSecretKey …`.",
  );
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
