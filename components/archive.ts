import * as pulumi from "@pulumi/pulumi";
import { type BucketServerPlan, copyArchive, identityFiles, renderSecondEnv } from "../cluster/index.ts";
import type { Base } from "./base.ts";
import type { Identities, IdentityFiles } from "./identity.ts";
import { noKey, type StoreKey } from "./platform.ts";
import { Bucket } from "./resources/bucket.ts";
import { Password } from "./resources/password.ts";

/** Where WAL and base backups go, and what opens it. */
export interface Archive {
  readonly bucket: pulumi.CustomResource;
  readonly key: StoreKey;
  /** What the server's certificate is checked with; none when that is an authority that everybody knows. */
  readonly ca: pulumi.Input<string> | undefined;
  /** The real name of the volume that it is all on; none when the S3 server is not the stack's own. */
  readonly volume: pulumi.Output<string> | undefined;
  /** What opens the bucket that all of it is copied to; none when there is no second one. */
  readonly secondKey: StoreKey | undefined;
  /** What members copy it with. */
  readonly copyFiles: IdentityFiles;
}

/** What opens the S3 servers of the user's. */
export interface ArchiveKeys {
  readonly storeKey: StoreKey | undefined;
  readonly secondKey: StoreKey | undefined;
}

/** The bucket: the platform's, or in the stack's own S3 server, or at the endpoint that the user names. */
export function makeArchive(base: Base, { storeKey, secondKey }: ArchiveKeys): Archive {
  const { plan, platform, identities, within } = base;
  const { cluster, archive, teardown } = plan;
  const { endpoint, region, bucket, server, own } = archive;
  if (platform.bucket !== undefined) {
    const none = { ca: undefined, volume: undefined, secondKey: undefined, copyFiles: {} };
    return { bucket: platform.bucket, key: noKey, ...none };
  }
  const key = storeKey ?? ownKey(cluster, within);
  const part = server && platform.bucketServer(server, key.accessKey, filesOf(server, key, identities));
  const ca = own ? identities.ca : archive.ca;
  const trusted = ca === undefined ? {} : { ca };
  const args = { endpoint, region, name: bucket, ...key, ...trusted, ownServer: own };
  const opts = {
    ...within,
    dependsOn: part === undefined ? [] : [part.resource],
    protect: teardown.protected,
  };
  return {
    ...{ bucket: new Bucket(`${cluster}-bucket`, args, opts), key, ca, volume: part?.data },
    ...makeSecond(base, secondKey),
  };
}

/** Nothing waits for it: the first bucket is enough to begin with. */
function makeSecond(
  { plan, incarnation, within }: Base,
  key: StoreKey | undefined,
): Pick<Archive, "secondKey" | "copyFiles"> {
  const { cluster, teardown } = plan;
  const { second } = plan.archive;
  if (second === undefined || key === undefined) return { secondKey: undefined, copyFiles: {} };
  const { bucket: name, endpoint, region, ca } = second;
  const trusted = ca === undefined ? {} : { ca };
  new Bucket(
    `${cluster}-second-bucket`,
    { ...{ endpoint, region, name }, ...key, ...trusted, ownServer: false },
    { ...within, protect: teardown.protected },
  );
  const variables = pulumi
    .all([incarnation, key.accessKey, key.secretKey])
    .apply(([token, accessKey, secretKey]) => renderSecondEnv(plan, second, token, { accessKey, secretKey }));
  return {
    secondKey: key,
    copyFiles: {
      [identityFiles.copyArchive]: { content: copyArchive, mode: 0o644 },
      [identityFiles.secondEnv]: { content: pulumi.secret(variables), mode: 0o600 },
      ...(ca === undefined ? {} : { [identityFiles.secondCa]: { content: ca, mode: 0o644 } }),
    },
  };
}

function filesOf(
  { name, certificate }: BucketServerPlan,
  { secretKey }: StoreKey,
  identities: Identities,
): IdentityFiles {
  return {
    ...identities.issue(name, certificate, "s3"),
    [identityFiles.s3Password]: { content: secretKey, mode: 0o600 },
  };
}

function ownKey(cluster: string, opts: { readonly parent: pulumi.Resource }): StoreKey {
  const password = new Password(`${cluster}-password-s3`, { purpose: "s3" }, opts);
  return { accessKey: "spilo", secretKey: password.value };
}
