import { certificatesOf } from "../certificates/certificate-reading.ts";
import { type Peer, peerCertificate } from "../certificates/peer-certificate.ts";
import type { ClusterHandle } from "../handle.ts";
import { peerOf } from "../https-fetch.ts";

/** A certificate that a part shows to whoever connects, or that is shown to the parts. */
export interface CertificateReport {
  /** Whose it is. */
  readonly part: string;
  /** `host:port` where it is shown; null for one that is not served but kept in the stack. */
  readonly at: string | null;
  /** ISO 8601; null: none is shown. */
  readonly expires: string | null;
  /** Whole days until then, negative when it has expired. */
  readonly daysLeft: number | null;
}

const DAY_MS = 24 * 60 * 60_000;

/** The S3 server's, of the stack's own and of one of the user's. */
const [OWN_SERVER, SERVER_OF_OTHERS] = ["archive", "backup.endpoint"] as const;

/** Who sees to it that a part has another certificate in time. */
export function renewalOf(part: string): string {
  if (part === "authority") return "`pulumi up` replaces it once rotation.authority is raised by one";
  if (part === SERVER_OF_OTHERS) return "whoever runs that server renews it";
  return "the next `pulumi up` renews it, and nothing restarts";
}

/** Every certificate that counts: what each port shows is looked at, and nothing of it is believed. */
export async function observeCertificates(
  handle: ClusterHandle,
  now: Date,
): Promise<readonly CertificateReport[]> {
  const served = servedBy(handle).map(async ({ part, peer }) => {
    const shown = await peerCertificate(peer);
    return report(part, `${peer.host}:${peer.port}`, shown?.validTo, now);
  });
  const kept = [
    ...certificatesOf(handle.access.certificate).map(({ validTo }) => report("operator", null, validTo, now)),
    ...certificatesOf(handle.access.ca).map(({ validTo }) => report("authority", null, validTo, now)),
  ];
  return [...(await Promise.all(served)), ...kept];
}

function servedBy(handle: ClusterHandle): readonly { readonly part: string; readonly peer: Peer }[] {
  const { members, replicas, voters, proxies, endpoint, archive } = handle;
  const { way } = handle.access;
  return [
    ...[...members, ...replicas].flatMap(({ name, address, postgresPort, restUrl }) => [
      { part: name, peer: { host: address, port: postgresPort, protocol: "postgres", way } as const },
      { part: name, peer: peerOf(restUrl, way) },
    ]),
    ...voters.map(({ name, url }) => ({ part: name, peer: peerOf(url, way) })),
    ...(endpoint.pooledPort === undefined ? [] : poolers(proxies, endpoint.pooledPort)),
    // One of an authority that everybody knows is its operator's to renew.
    ...(archive.ca === undefined ? [] : [{ part: serverOf(handle), peer: peerOf(archive.endpoint) }]),
  ];
}

/** The stack's own has a certificate of the cluster's authority, or, while that is renewed, of either. */
function serverOf({ archive, access }: ClusterHandle): string {
  return archive.ca === access.ca ? OWN_SERVER : SERVER_OF_OTHERS;
}

function poolers(proxies: ClusterHandle["proxies"], port: number) {
  return proxies.map(({ name, address }) => {
    return { part: name, peer: { host: address, port, protocol: "postgres" } as const };
  });
}

function report(part: string, at: string | null, validTo: string | undefined, now: Date): CertificateReport {
  if (validTo === undefined) return { part, at, expires: null, daysLeft: null };
  const expires = new Date(validTo);
  const daysLeft = Math.floor((expires.getTime() - now.getTime()) / DAY_MS);
  return { part, at, expires: expires.toISOString(), daysLeft };
}
