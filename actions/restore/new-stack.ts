import { stringify } from "yaml";
import { s3RegionOf } from "../../cluster/aws/names.ts";
import type { StoreAccess } from "../object-store.ts";
import type { FoundOrigin } from "./find-origin.ts";

export interface NewStackOptions {
  readonly name: string;
  readonly found: Pick<FoundOrigin, "origin">;
  readonly store: Pick<StoreAccess, "endpoint" | "ca" | "region" | "accessKey">;
  /** The archive is the server of the stack that was archived: the new one has its own. */
  readonly isOwnServer: boolean;
  readonly application?: { readonly database: string; readonly role: string } | undefined;
}

/** The configuration of a stack whose cluster is made from an archive, as a file. There is no key in it. */
export function newStack({ name, found, store, isOwnServer, application }: NewStackOptions): string {
  const { cluster, incarnation, target, bucket, postgresqlVersion } = found.origin;
  const place = { endpoint: store.endpoint, ...(store.ca === undefined ? {} : { ca: store.ca }) };
  const region = store.region === "us-east-1" ? {} : { region: store.region };
  const { kind: _kind, ...end } = target;
  const onAws = isWithoutKey(store);
  const specification = {
    name,
    ...(onAws ? { platform: "aws" } : {}),
    members: 1,
    postgresql: { version: postgresqlVersion },
    ...(application === undefined ? {} : { application }),
    ...(isOwnServer || onAws ? {} : { backup: { ...place, ...region, bucket } }),
    restoreFrom: {
      ...{ cluster, incarnation },
      ...(target.kind === "latest" ? { latest: true } : end),
      ...{ bucket, ...(isOwnServer ? { ...place, ...region } : {}) },
    },
    ...(onAws ? { aws: { region: store.region } } : {}),
  };
  const text = stringify({ config: { "spilo:cluster": specification } }, { lineWidth: 0 });
  // Not every reader of YAML takes a time for the text that it is.
  return `${onAws ? awsHeading : heading}${text.replace(/^( +time: )([^"\n]+)$/m, '$1"$2"')}`;
}

const heading = `# Sizes, parameters and zones are not in an archive: add what the cluster is to have. members can be raised
# as soon as it is there, and restoreFrom be taken out.
`;

const awsHeading = `# Machines, sizes, parameters and zones are not in an archive: add aws.ami, aws.keyPair, resources.volume,
# placement.zones and what else the cluster is to have. members can be raised as soon as it is there, and restoreFrom be
# taken out. backup.bucket is to be another one than restoreFrom.bucket.
`;

/** A bucket of S3 that whoever runs this reads without a key. So will the machines of a cluster on AWS. */
function isWithoutKey({ endpoint, accessKey }: NewStackOptions["store"]): boolean {
  return accessKey === "" && s3RegionOf(endpoint) !== undefined;
}

/** What is to be done with it, a command a line. Keys are asked for, so that they are on no command line. */
export function nextSteps({
  name,
  store,
  isOwnServer,
}: Pick<NewStackOptions, "name" | "store" | "isOwnServer">): readonly string[] {
  const key = isOwnServer ? "origin" : "s3";
  const keys = [
    `pulumi config set --stack ${name} spilo:${key}AccessKey`,
    `pulumi config set --stack ${name} --secret spilo:${key}SecretKey`,
  ];
  return [`pulumi stack init ${name}`, ...(isWithoutKey(store) ? [] : keys), `pulumi up --stack ${name}`];
}
