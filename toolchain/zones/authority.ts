import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/**
 * What is asked for in a certificate. The organizational unit is by what tests tell one from another: with users of its
 * own, etcd turns away whoever comes to its gateway, as Patroni does, with a certificate that has a common name.
 */
interface Wanted {
  readonly unit: string;
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
  /** @default in an hour */
  readonly expires?: Date;
}

/** PEM. */
export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A certificate authority of one test file. */
export interface Authority {
  readonly certificate: string;
  issue(wanted: Wanted): Promise<Issued>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const hour = 3_600_000;

/** Makes an authority that lasts for an hour, unless told otherwise. */
export async function makeAuthority(unit: string, expires = fromNow(hour)): Promise<Authority> {
  const keys = await makeKeys();
  const own = await X509CertificateGenerator.createSelfSigned({
    name: `OU=${unit}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: fromNow(-2 * hour),
    notAfter: expires,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: pem(own.toString("pem")),
    async issue({ unit, dnsNames = [], addresses = [], expires = fromNow(hour) }) {
      const leaf = await makeKeys();
      const names = [
        ...dnsNames.map((value) => ({ type: "dns" as const, value })),
        ...addresses.map((value) => ({ type: "ip" as const, value })),
      ];
      const certificate = await X509CertificateGenerator.create({
        subject: `OU=${unit}`,
        issuer: own.subject,
        publicKey: leaf.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        notBefore: fromNow(-2 * hour),
        notAfter: expires,
        extensions: [
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          // Python verifies strictly since 3.13, and misses it.
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
          ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
        ],
      });
      const exported = Buffer.from(await crypto.subtle.exportKey("pkcs8", leaf.privateKey));
      const body = exported.toString("base64").replaceAll(/.{64}/g, "$&\n");
      const privateKey = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
      return { certificate: pem(certificate.toString("pem")), privateKey };
    },
  };
}

/** A moment some milliseconds from now. */
export function fromNow(milliseconds: number): Date {
  return new Date(Date.now() + milliseconds);
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

function pem(text: string): string {
  return `${text.trimEnd()}\n`;
}
