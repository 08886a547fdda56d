import { X509Certificate } from "node:crypto";
import { ActionError, reasonOf } from "../action-error.ts";

/**
 * The certificates of a PEM text, in their order.
 *
 * @throws ActionError `refused` when there is none, or one cannot be read.
 */
export function certificatesOf(pem: string): readonly [X509Certificate, ...X509Certificate[]] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block));
    if (first !== undefined) return [first, ...others];
  } catch (error) {
    throw new ActionError("refused", `a certificate cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  throw new ActionError("refused", "there is no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
}

/** When the first certificate of a PEM text is worth nothing any more: at its end, or at that of one of its issuers. */
export function expiryOf(pem: string): Date {
  return new Date(Math.min(...certificatesOf(pem).map((one) => Date.parse(one.validTo))));
}

/** What names one certificate and no other: SHA-256 of the first in a PEM text. */
export function fingerprintOf(pem: string): string {
  return certificatesOf(pem)[0].fingerprint256;
}

/** Have two certificates of authorities the same name and key? Whoever trusts one of them trusts what the other signs. */
export function isSameAuthority(left: string, right: string): boolean {
  const [[one], [other]] = [certificatesOf(left), certificatesOf(right)];
  return one.subject === other.subject && one.publicKey.equals(other.publicKey);
}
