import * as pulumi from "@pulumi/pulumi";
import { type CertificatePlan, type ClusterPlan, caBundle, identityFiles } from "../cluster/index.ts";
import type { Base } from "./base.ts";
import type { After, Platform } from "./platform.ts";
import { Certificate } from "./resources/certificate.ts";
import { CertificateAuthority } from "./resources/certificate-authority.ts";
import { Distrusted } from "./resources/distrusted.ts";
import type { IdentityFile } from "./resources/identity.ts";
import { Trusted } from "./resources/trusted.ts";
import type { AuthorityInput, DistrustingPart, TrustingPart } from "./resources/trusting-part.ts";

/** A certificate authority of the user's own, both as PEM. */
export interface GivenAuthority {
  readonly certificate: pulumi.Input<string>;
  /** Kept as a secret, whatever form it comes in. */
  readonly privateKey: pulumi.Input<string>;
}

/** Who an action is, and whom it trusts: all PEM. */
export interface AccessValue {
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** By what the parts are reached: `cluster/placement/way.ts`. Absent: directly. */
  readonly way?: string;
}

/** The files of a part's identity, by name. */
export type IdentityFiles = Readonly<Record<string, IdentityFile>>;

/** A part that is known by a certificate, as a platform has declared it. */
export interface IdentifiedPart {
  /** Comes when the part has taken its files. */
  readonly taken: pulumi.Output<unknown>;
  /** How it is told of another authority; undefined where it wants to see nobody's certificate. */
  readonly trusting?: DistrustingPart;
}

/**
 * All of them, when they are declared. No output: that would wait for their files, which are signed when all parts are
 * known.
 */
export type IdentifiedParts = Promise<readonly IdentifiedPart[]>;

/** What the parts of a cluster show each other, and by what they know each other. */
export interface Identities {
  /** The certificates of the authorities that count, one after the other. */
  readonly ca: pulumi.Output<string>;
  /** Who signs. The key is a secret. */
  readonly authority: AuthorityInput;
  /**
   * Secret. For whoever acts on the cluster from outside. Known when every part shows its certificate: during a rotation
   * some would have to be trusted for the former authority before.
   */
  readonly access: pulumi.Output<AccessValue>;
  readonly parts: IdentifiedParts;
  /** A new certificate for a part, as this kind of part takes it. */
  issue(name: string, plan: CertificatePlan, form: keyof typeof forms): IdentityFiles;
}

/**
 * The authority of a cluster, or the user's, and what it has signed: nothing before all parts trust it.
 *
 * @param platform whose parts they are.
 */
export function makeIdentities(
  plan: ClusterPlan,
  given: GivenAuthority | undefined,
  opts: { readonly parent: pulumi.Resource },
  { identified: parts, way }: Pick<Platform, "identified" | "way">,
): Identities {
  const { certificate, privateKey, former } = new CertificateAuthority(
    `${plan.cluster}-authority`,
    {
      cluster: plan.cluster,
      generation: plan.tls.generation,
      ...(given === undefined ? {} : { given }),
      // Machines look for files when they think it is time, and nobody could be made to trust it first.
      ...(plan.aws === undefined ? {} : { stays: true }),
    },
    opts,
  );
  const authority = { certificate, privateKey };
  const trusted = new Trusted(
    `${plan.cluster}-trusted`,
    { cluster: plan.cluster, authority, former, parts: parts.then((all) => all.flatMap(trustingOf)) },
    opts,
  );
  const sign = (name: string, { commonName, dnsNames, addresses, uses }: CertificatePlan) =>
    new Certificate(
      `${name}-certificate`,
      { authority, commonName, dnsNames, addresses, uses, days: plan.tls.leafDays },
      { ...opts, dependsOn: trusted },
    );
  const ca = certificate.apply((own) => caBundle([own]));
  const operator = sign(plan.operator.certificate.commonName, plan.operator.certificate);
  const access = pulumi.output({
    ...{ ca, certificate: operator.certificate, privateKey: operator.privateKey },
    ...(way === undefined ? {} : { way }),
  });
  return {
    ca,
    authority,
    parts,
    access: pulumi.secret(whenTaken(parts, access)),
    issue: (name, of, form) => forms[form]({ ca, former, ...pick(sign(name, of)) }),
  };
}

/**
 * Has no part trust anybody but the authority any more. Comes last, when nobody shows anything that another has signed.
 *
 * @param after all that acts on a part, or replaces it.
 */
export function makeDistrusted(
  { plan, identities: { authority, parts }, within }: Base,
  after: After,
): pulumi.Resource {
  return new Distrusted(
    `${plan.cluster}-distrusted`,
    {
      cluster: plan.cluster,
      authority,
      parts: parts.then((all) => all.flatMap(({ trusting }) => (trusting === undefined ? [] : [trusting]))),
    },
    { ...within, dependsOn: pulumi.output(after).apply((parts) => [...parts]) },
  );
}

function trustingOf({ trusting }: IdentifiedPart): readonly TrustingPart[] {
  if (trusting === undefined) return [];
  const { files: _unsigned, ...told } = trusting;
  return [told];
}

/** In a preview nobody takes anything. What comes of it depends on no part: a replaced one must not take others along. */
function whenTaken(parts: IdentifiedParts, value: pulumi.Output<AccessValue>): pulumi.Output<AccessValue> {
  if (pulumi.runtime.isDryRun()) return value;
  const each = parts.then((all) =>
    Promise.all(all.map(({ taken }) => new Promise<void>((resolve) => void taken.apply(() => resolve())))),
  );
  return pulumi.all([value, each]).apply(([known]) => known);
}

function pick({ certificate, privateKey }: Certificate) {
  return { certificate, privateKey };
}

type Texts = Readonly<Record<Exclude<keyof AccessValue, "way"> | "former", pulumi.Output<string>>>;

const open = 0o644;
const owned = 0o600;

function usualFiles({ ca, former, certificate, privateKey }: Texts): IdentityFiles {
  return {
    [identityFiles.ca]: { content: ca, mode: open, former },
    [identityFiles.certificate]: { content: certificate, mode: open },
    [identityFiles.key]: { content: privateKey, mode: owned },
  };
}

/** The same three texts, by the names under which each kind of program looks for them. */
const forms = {
  usual: usualFiles,
  /** HAProxy takes certificate and key from one file. */
  proxy: (texts: Texts): IdentityFiles => ({
    ...usualFiles(texts),
    [identityFiles.pair]: {
      content: pulumi.interpolate`${texts.certificate}${texts.privateKey}`,
      mode: owned,
    },
  }),
  /** MinIO's own names; nobody shows it a certificate. */
  s3: ({ certificate, privateKey }: Texts): IdentityFiles => ({
    [identityFiles.s3Certificate]: { content: certificate, mode: open },
    [identityFiles.s3Key]: { content: privateKey, mode: owned },
  }),
};
