import * as pulumi from "@pulumi/pulumi";
import { type CertificatePlan, type ClusterPlan, caBundle, identityFiles } from "../cluster/index.ts";
import { Certificate } from "./resources/certificate.ts";
import { CertificateAuthority } from "./resources/certificate-authority.ts";
import type { IdentityFile } from "./resources/identity.ts";

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
}

/** The files of a part's identity, by name. */
export type IdentityFiles = Readonly<Record<string, IdentityFile>>;

/** What the parts of a cluster show each other, and by what they know each other. */
export interface Identities {
  /** The certificates of the authorities that count, one after the other. */
  readonly ca: pulumi.Output<string>;
  /** Secret. For whoever acts on the cluster from outside. */
  readonly access: pulumi.Output<AccessValue>;
  /** A new certificate for a part, as this kind of part takes it. */
  issue(name: string, plan: CertificatePlan, form: keyof typeof forms): IdentityFiles;
}

/** The authority of a cluster, or the user's, and what it has signed. */
export function makeIdentities(
  plan: ClusterPlan,
  given: GivenAuthority | undefined,
  opts: { readonly parent: pulumi.Resource },
): Identities {
  const { certificate, privateKey } = new CertificateAuthority(
    `${plan.cluster}-authority`,
    { cluster: plan.cluster, ...(given === undefined ? {} : { given }) },
    opts,
  );
  const sign = (name: string, { commonName, dnsNames, addresses, uses }: CertificatePlan) =>
    new Certificate(
      `${name}-certificate`,
      {
        authority: { certificate, privateKey },
        commonName,
        dnsNames,
        addresses,
        uses,
        days: plan.tls.leafDays,
      },
      opts,
    );
  const ca = certificate.apply((own) => caBundle([own]));
  const operator = sign(plan.operator.certificate.commonName, plan.operator.certificate);
  return {
    ca,
    access: pulumi.secret(
      pulumi.output({ ca, certificate: operator.certificate, privateKey: operator.privateKey }),
    ),
    issue: (name, of, form) => forms[form]({ ca, ...pick(sign(name, of)) }),
  };
}

function pick({ certificate, privateKey }: Certificate) {
  return { certificate, privateKey };
}

type Texts = Readonly<Record<keyof AccessValue, pulumi.Output<string>>>;

const open = 0o644;
const owned = 0o600;

function usualFiles({ ca, certificate, privateKey }: Texts): IdentityFiles {
  return {
    [identityFiles.ca]: { content: ca, mode: open },
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
