import { createPrivateKey, KeyObject, webcrypto } from "node:crypto";
import { isIP, isIPv6 } from "node:net";
import type * as X509 from "@peculiar/x509";
import { ActionError } from "../action-error.ts";
import { certificatesOf, expiryOf } from "./certificate-reading.ts";
import { x509Library } from "./x509-library.ts";

/** A certificate and the key that it was made for. The key is a secret. */
export interface CertifiedKey {
  /** PEM. Of an authority that is itself signed by another: its own first, then its issuers up to the root. */
  readonly certificate: string;
  /** PEM, not encrypted. */
  readonly privateKey: string;
}

/** One that was just made. */
export interface Issued extends CertifiedKey {
  readonly expires: Date;
}

export interface AuthorityRequest {
  readonly commonName: string;
  readonly years: number;
  readonly now: Date;
}

export interface LeafRequest {
  readonly authority: CertifiedKey;
  readonly commonName: string;
  /** ASCII; of an international name, its `xn--` form. */
  readonly dnsNames: readonly string[];
  /** IPv4 and IPv6. */
  readonly addresses: readonly string[];
  readonly uses: readonly ("server" | "client")[];
  /** How long it is valid; less where its authority ends before. */
  readonly days: number;
  readonly now: Date;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Clocks differ: a certificate that is used at once would not be valid yet to whoever is behind. */
const EARLIER = 5 * MINUTE;

const ecdsa = { name: "ECDSA", namedCurve: "P-256" };

/** Makes a CA that signs for itself. It may sign other certificates, but make no other CA. */
export async function makeAuthority({ commonName, years, now }: AuthorityRequest): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  return await signForItself(keys, [{ CN: [commonName] }], years, now);
}

/**
 * Gives a CA that was made by `makeAuthority` more years. Name and key stay, so whoever trusts one of the two
 * certificates trusts what was signed under the other.
 */
export async function renewAuthority(
  authority: CertifiedKey,
  { years, now }: Omit<AuthorityRequest, "commonName">,
): Promise<Issued> {
  const x509 = await x509Library();
  const [current] = certificatesOf(authority.certificate);
  const keys = {
    privateKey: await importKey(createPrivateKey(authority.privateKey), "sign"),
    publicKey: await importKey(current.publicKey, "verify"),
  };
  return await signForItself(keys, new x509.X509Certificate(current.raw).subjectName, years, now);
}

async function signForItself(
  keys: webcrypto.CryptoKeyPair,
  name: X509.X509CertificateCreateParamsName,
  years: number,
  now: Date,
): Promise<Issued> {
  const x509 = await x509Library();
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + years);
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name,
      keys,
      ...validity(now, notAfter),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return issued(made, keys.privateKey);
}

/**
 * Makes a key and a certificate for it: valid for exactly these names and addresses, from a few minutes ago, and never
 * for longer than its authority.
 *
 * @throws ActionError `refused` when the authority has expired, or a name cannot stand in a certificate.
 */
export async function issueCertificate(request: LeafRequest): Promise<Issued> {
  const { authority, commonName, days, now } = request;
  const authorityEnds = expiryOf(authority.certificate);
  if (authorityEnds <= now) {
    const date = authorityEnds.toISOString().slice(0, 10);
    throw refused(request, `its CA expired on ${date}: whatever it signs is worth nothing`);
  }
  const x509 = await x509Library();
  const issuer = new x509.X509Certificate(certificatesOf(authority.certificate)[0].raw);
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const ends = new Date(Math.min(now.getTime() + days * DAY, authorityEnds.getTime()));
  const made = await x509.X509CertificateGenerator.create(
    {
      subject: [{ CN: [commonName] }],
      // As it stands in the CA's own certificate: some programs compare the two byte by byte.
      issuer: issuer.subjectName,
      publicKey: keys.publicKey,
      signingKey: await importKey(createPrivateKey(authority.privateKey), "sign"),
      ...validity(now, ends),
      extensions: await leafExtensions(x509, request, issuer, keys.publicKey),
    },
    webcrypto,
  );
  return issued(made, keys.privateKey);
}

async function leafExtensions(
  x509: typeof X509,
  request: LeafRequest,
  issuer: X509.X509Certificate,
  publicKey: webcrypto.CryptoKey,
): Promise<X509.Extension[]> {
  const purpose = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth };
  const names = alternativeNames(request);
  // Whoever verifies looks for the issuer's identifier as it is written there, however that was counted.
  const identifier = issuer.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(request.uses.map((use) => purpose[use])),
    await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
    ...(identifier === undefined ? [] : [new x509.AuthorityKeyIdentifierExtension(identifier)]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
  ];
}

/** The library writes what it cannot encode as something else, so it is never given any. */
function alternativeNames(request: LeafRequest): X509.JsonGeneralNames {
  const dns = [...new Set(request.dnsNames)].map((value) => {
    if (/^[\x21-\x7e]+$/.test(value)) return { type: "dns" as const, value };
    throw refused(request, `'${value}' is not a name in DNS; an international one is written as xn--…`);
  });
  const ip = [...new Set(request.addresses)].map((value) => {
    if (isIP(value) === 0) throw refused(request, `'${value}' is not an address of IPv4 or IPv6`);
    return { type: "ip" as const, value: isIPv6(value) ? spelledOut(value) : value };
  });
  return [...dns, ...ip];
}

/** In the plain notation of IPv6, without a dotted end. */
function spelledOut(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** Certificates know whole seconds. */
function validity(now: Date, notAfter: Date): { readonly notBefore: Date; readonly notAfter: Date } {
  const seconds = (time: number) => new Date(Math.floor(time / 1000) * 1000);
  return { notBefore: seconds(now.getTime() - EARLIER), notAfter: seconds(notAfter.getTime()) };
}

function issued(certificate: X509.X509Certificate, key: webcrypto.CryptoKey): Issued {
  const privateKey = String(KeyObject.from(key).export({ type: "pkcs8", format: "pem" }));
  return { certificate: `${certificate.toString("pem")}\n`, privateKey, expires: certificate.notAfter };
}

/** A given CA may have another kind of key than those that are made here. */
async function importKey(key: KeyObject, use: "sign" | "verify"): Promise<webcrypto.CryptoKey> {
  const algorithm =
    key.asymmetricKeyType === "rsa"
      ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
      : { name: "ECDSA", namedCurve: curveOf(key) };
  const format = use === "sign" ? "pkcs8" : "spki";
  const encoded = key.export({ type: format, format: "der" });
  return await webcrypto.subtle.importKey(format, encoded, algorithm, true, [use]);
}

function curveOf(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  return { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" }[curve] ?? curve;
}

function refused({ commonName }: LeafRequest, reason: string): ActionError {
  return new ActionError("refused", `certificate of ${commonName}: ${reason}`);
}
