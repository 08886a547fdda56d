import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../cluster/index.ts";
import type { Base } from "./base.ts";
import type { GivenAuthority } from "./identity.ts";

/** Who logs in, in both clusters of a pair. */
type PairPurpose = "standby" | "rewind" | "operator" | "application" | "pooler";

interface Login {
  readonly user: string;
  readonly password: string;
}

/**
 * What two clusters have in common of which one follows the other: the authority of their certificates, as each shows its own
 * to the other, and the logins, as these are rows of the database that is copied. An output of the one is handed to the other.
 */
export interface SourceValue {
  readonly authority: { readonly certificate: string; readonly privateKey: string };
  readonly generations: { readonly passwords: number; readonly application: number };
  /** The pooler's is absent where there is none. */
  readonly logins: Readonly<Partial<Record<PairPurpose, Login>>>;
}

/** Secret: with it everything of the cluster can be opened. */
export function sourceOutput({
  plan,
  secrets,
  identities: { authority },
}: Pick<Base, "plan" | "secrets" | "identities">): pulumi.Output<SourceValue> {
  const { generations, current } = plan.logins;
  const login = (purpose: Exclude<PairPurpose, "pooler">) => {
    return { user: current[purpose], password: secrets[purpose] };
  };
  return pulumi.secret(
    pulumi.output({
      authority,
      generations,
      logins: {
        ...{ standby: login("standby"), rewind: login("rewind") },
        ...{ operator: login("operator"), application: login("application") },
        ...(secrets.pooler === undefined
          ? {}
          : { pooler: { user: current.pooler, password: secrets.pooler } }),
      },
    }),
  );
}

/** The source's authority, for a cluster that is given none and is to be given one. */
export function authorityOf(
  source: pulumi.Output<SourceValue> | undefined,
  specification: object,
): GivenAuthority | undefined {
  const { tls } = specification as { readonly tls?: { readonly ca?: unknown } | null };
  if (source === undefined || tls?.ca !== "given") return undefined;
  const { certificate, privateKey } = source.authority;
  return { certificate: pulumi.unsecret(certificate), privateKey };
}

/** The password that the source has for a purpose: see `passwordIn`. Secret. */
export function givenBy(
  source: pulumi.Output<SourceValue>,
  plan: ClusterPlan,
  purpose: PairPurpose,
): pulumi.Output<string> {
  return pulumi.secret(source.apply((value) => passwordIn(value, plan, purpose)));
}

/**
 * The password that the source has for a purpose; empty when it has none, or when this cluster has rotated its own since.
 *
 * @throws pulumi.RunError where a cluster that follows calls the login by another name.
 */
export function passwordIn(
  { generations: theirs, logins }: SourceValue,
  { logins: { current, generations }, standby }: ClusterPlan,
  purpose: PairPurpose,
): string {
  const key = purpose === "application" ? "application" : "passwords";
  const login = logins[purpose];
  if (login === undefined) return "";
  const same = theirs[key] === generations[key];
  if (same && login.user === current[purpose]) return login.password;
  if (standby === undefined) return "";
  throw new pulumi.RunError(
    same
      ? `spilo:source: its application logs in as ${login.user}, this cluster's as ${current[purpose]}. ` +
          "Set application.role to what the other cluster has."
      : `spilo:source: has passwords of generation ${theirs[key]}, and rotation.${key} is ${generations[key]}. ` +
          `Set it to ${theirs[key]}: as long as ${standby.cluster} is followed, logins are its.`,
  );
}
