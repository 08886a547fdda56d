import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import { ActionError } from "../action-error.ts";
import { certificatesOf } from "./certificate-reading.ts";
import { x509Library } from "./x509-library.ts";

/**
 * What stands in the way of using a CA that was not made here, with what to do about it; nothing when it can be used.
 * No sentence shows anything of the key.
 *
 * @param certificate PEM: the CA, then its issuers up to the root, if it is not a root itself.
 * @param privateKey PEM; left out where nothing is to be signed.
 */
export async function checkGivenAuthority(
  certificate: string,
  privateKey: string | undefined,
  now: Date,
): Promise<readonly string[]> {
  try {
    const chain = certificatesOf(certificate);
    const keyIssues = privateKey === undefined ? [] : checkKey(chain[0], privateKey);
    const each = await Promise.all(
      chain.map(async (one) => [...checkOne(one, now), ...(await checkForm(one))]),
    );
    return [...each.flat(), ...checkChain(chain), ...keyIssues];
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return [`${error.message}: give the CA's certificate as PEM`];
  }
}

function checkOne(certificate: X509Certificate, now: Date): readonly string[] {
  const who = nameOf(certificate);
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  const issues: string[] = [];
  if (!certificate.ca) {
    const lack = "CA:TRUE in basicConstraints, and keyCertSign in keyUsage";
    issues.push(`${who} is not that of a CA (${lack}): give the certificate that signs others`);
  }
  if (to <= now) issues.push(`${who} expired on ${dateOf(to)}: give one that is valid`);
  if (from > now) issues.push(`${who} is valid only from ${dateOf(from)}: give one that is valid now`);
  return issues;
}

/**
 * What RFC 5280 (4.2.1) asks of a CA and many lack. Python's and OpenSSL's strict verification refuse those, so members
 * would not trust each other.
 */
async function checkForm(certificate: X509Certificate): Promise<readonly string[]> {
  if (!certificate.ca) return [];
  const x509 = await x509Library();
  const read = new x509.X509Certificate(certificate.raw);
  const lacks = [
    read.getExtension(x509.BasicConstraintsExtension)?.critical ? "" : "basicConstraints marked as critical",
    read.getExtension(x509.KeyUsagesExtension) === null ? "keyUsage" : "",
    read.getExtension(x509.SubjectKeyIdentifierExtension) === null ? "subjectKeyIdentifier" : "",
  ].filter((lack) => lack !== "");
  if (lacks.length === 0) return [];
  const remedy = "give a CA that has it, for strict programs do not trust one without";
  return [`${nameOf(certificate)} lacks ${lacks.join(", ")}: ${remedy}`];
}

/** Up to a root: most programs trust a CA only as far as they see who vouches for it. */
function checkChain(chain: readonly X509Certificate[]): readonly string[] {
  return chain.flatMap((one, index) => {
    const issuer = chain[index + 1] ?? one;
    if (one.checkIssued(issuer) && one.verify(issuer.publicKey)) return [];
    const wanted = oneLine(one.issuer);
    return [
      `${nameOf(one)} is not signed by ${issuer === one ? "itself" : nameOf(issuer)}: put the certificate of its issuer (${wanted}) behind it, and so on up to a root`,
    ];
  });
}

function checkKey(certificate: X509Certificate, pem: string): readonly string[] {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return [
      "the CA's private key cannot be read: give it as PEM without a passphrase (openssl pkey -in ca.key -out plain.key)",
    ];
  }
  if (!isUsable(key)) {
    const kinds = "ECDSA (P-256, P-384, P-521) or RSA of 2048 bits or more";
    return [`the CA's private key is ${key.asymmetricKeyType}: give a CA with a key of ${kinds}`];
  }
  if (certificate.checkPrivateKey(key)) return [];
  return [
    `the private key is not that of ${nameOf(certificate)}: give the certificate and the key of one CA`,
  ];
}

function isUsable(key: KeyObject): boolean {
  const { namedCurve = "", modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa") return modulusLength >= 2048;
  const curves = ["prime256v1", "secp384r1", "secp521r1"];
  return key.asymmetricKeyType === "ec" && curves.includes(namedCurve);
}

function nameOf(certificate: X509Certificate): string {
  return `the certificate of '${oneLine(certificate.subject)}'`;
}

function oneLine(name: string): string {
  return name.split("\n").join(", ");
}

function dateOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
