import type { TlsOptions } from "node:tls";
import type { ClusterAccess } from "../../actions/access.ts";
import { type Issued, issueCertificate, makeAuthority } from "../../actions/certificates/certificates.ts";

const now = new Date();
const DAY = 24 * 60 * 60_000;

/** The CA that the fakes of a test file and those who ask them have in common. */
export const authority = await makeAuthority({ commonName: "fake CA", years: 1, now });

/** A CA that nobody trusts. */
export const otherAuthority = await makeAuthority({ commonName: "other CA", years: 1, now });

interface Wanted {
  readonly by?: Issued;
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  /** Days ago that it was made; it is valid for ten. */
  readonly age?: number;
}

/** A certificate for the loopback, unless asked for another. */
export function certified({ by = authority, names = [], addresses = ["127.0.0.1"], age = 0 }: Wanted = {}) {
  const uses = ["server", "client"] as const;
  const made = new Date(now.getTime() - age * DAY);
  const common = { authority: by, commonName: "fake", dnsNames: names, addresses, uses };
  return issueCertificate({ ...common, days: 10, now: made });
}

/** What somebody asks with. */
export function accessWith({ certificate, privateKey }: Issued, ca = authority.certificate): ClusterAccess {
  return { ca, certificate, privateKey };
}

/** What a server shows, and that it wants to see a certificate as well. */
export function mutual({ certificate, privateKey }: Issued): TlsOptions {
  return {
    cert: certificate,
    key: privateKey,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  };
}

export const access = accessWith(await certified());
export const serverTls = mutual(await certified());
