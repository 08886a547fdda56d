import { expiryOf } from "../actions/certificates/certificate-reading.ts";
import {
  type CertificateAge,
  describeExpiry,
  renewalDue,
} from "../actions/certificates/certificate-renewal.ts";
import { isCountedAnew } from "../cluster/leases/marker.ts";
import { asProperties, type Properties } from "./wire.ts";

/** Years are counted as they are at the least, which makes it due earlier, if at all. */
const DAYS_OF_A_YEAR = 365;

/** Is a certificate to be renewed by its age? One that ends only because its authority does gains nothing. */
export function certificateDue(olds: Properties, now: Date): readonly string[] {
  const { expires, days, commonName, authority } = olds;
  const { certificate } = asProperties(authority);
  const age = ageOf(expires, days, now);
  if (age === undefined || typeof certificate !== "string") return [];
  const endsByItself = age.expires < expiryOf(certificate);
  return endsByItself && renewalDue(age) ? [renewal(`certificate of ${commonName}`, age)] : [];
}

/** Is an authority that was made here to be renewed? One that was given is its owner's to renew. */
export function authorityDue(olds: Properties, now: Date): readonly string[] {
  const { expires, years, cluster, given } = olds;
  const age = ageOf(expires, typeof years === "number" ? years * DAYS_OF_A_YEAR : undefined, now);
  if (age === undefined || given !== undefined) return [];
  return renewalDue(age) ? [renewal(`CA of ${cluster}`, age)] : [];
}

/** Does this update count the time to live of a cluster anew? */
export function markerDue({ cluster, ttlSeconds, since }: Properties, now: Date): readonly string[] {
  if (typeof ttlSeconds !== "number" || typeof since !== "string") return [];
  return isCountedAnew({ ttlSeconds, since }, now)
    ? [`${cluster}: its time to live counts from this update on; nothing else is changed by that`]
    : [];
}

function renewal(what: string, { expires, now }: CertificateAge): string {
  return `${what}: ${describeExpiry(expires, now)}; this update renews it, and nothing is replaced`;
}

function ageOf(expires: unknown, days: unknown, now: Date): CertificateAge | undefined {
  if (typeof expires !== "string" || typeof days !== "number") return undefined;
  return { expires: new Date(expires), days, now };
}
