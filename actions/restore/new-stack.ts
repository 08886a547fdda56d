import { stringify } from "yaml";
import type { StoreAccess } from "../object-store.ts";
import type { FoundOrigin } from "./find-origin.ts";

export interface NewStackOptions {
  readonly name: string;
  readonly found: FoundOrigin;
  readonly store: Pick<StoreAccess, "endpoint" | "ca" | "region">;
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
  const specification = {
    name,
    members: 1,
    postgresql: { version: postgresqlVersion },
    ...(application === undefined ? {} : { application }),
    ...(isOwnServer ? {} : { backup: { ...place, ...region, bucket } }),
    restoreFrom: {
      ...{ cluster, incarnation },
      ...(target.kind === "latest" ? { latest: true } : end),
      ...{ bucket, ...(isOwnServer ? { ...place, ...region } : {}) },
    },
  };
  const text = stringify({ config: { "spilo:cluster": specification } }, { lineWidth: 0 });
  // Not every reader of YAML takes a time for the text that it is.
  return `${heading}${text.replace(/^( +time: )([^"\n]+)$/m, '$1"$2"')}`;
}

const heading = `# Sizes, parameters and zones are not in an archive: add what the cluster is to have. members can be raised
# as soon as it is there, and restoreFrom be taken out.
`;

/** What is to be done with it, a command a line. Keys are asked for, so that they are on no command line. */
export function nextSteps(name: string, isOwnServer: boolean): readonly string[] {
  const store = isOwnServer ? "origin" : "s3";
  return [
    `pulumi stack init ${name}`,
    `pulumi config set --stack ${name} spilo:${store}AccessKey`,
    `pulumi config set --stack ${name} --secret spilo:${store}SecretKey`,
    `pulumi up --stack ${name}`,
  ];
}
