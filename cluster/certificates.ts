import type { Site, Sites } from "./placement/sites.ts";
import type { CertificatePlan } from "./plan-types.ts";
import type { ClusterSpec } from "./schema/cluster-spec.ts";

/**
 * What each part's certificate says. A server is checked against the name or the address that it was asked for, so
 * the certificate has every one of them: clients reach a member through a proxy, too, and at the endpoint's address.
 */

const loopback = "127.0.0.1";

export function memberCertificate(
  { endpoint }: ClusterSpec,
  { name, address }: Site,
  sites: Pick<Sites, "endpoint" | "virtual" | "proxyAddresses">,
): CertificatePlan {
  const virtual = sites.virtual ? sites.endpoint : [];
  return {
    commonName: name,
    dnsNames: unique([name, ...endpoint.names]),
    // In an order that no zone has a say in: another one would be another certificate.
    addresses: unique([address, ...virtual, ...sites.proxyAddresses]),
    uses: ["server", "client"],
  };
}

/** A member's, with what proxies know the holder of its place by. */
export function replicaCertificate(
  spec: ClusterSpec,
  site: Site,
  place: string,
  sites: Pick<Sites, "endpoint" | "virtual" | "proxyAddresses">,
): CertificatePlan {
  const { dnsNames, ...others } = memberCertificate(spec, site, sites);
  return { ...others, dnsNames: unique([...dnsNames, place]) };
}

/** Voters ask each other, and etcd asks itself. */
export function voterCertificate({ name, address }: Site): CertificatePlan {
  return {
    commonName: name,
    dnsNames: [name, "localhost"],
    addresses: [address, loopback],
    uses: ["server", "client"],
  };
}

/**
 * Its pooler is a server, its checks of the members are a client.
 *
 * @param virtual the address that moves between the proxies, if there is one.
 */
export function proxyCertificate(
  { endpoint }: ClusterSpec,
  { name, address }: Site,
  virtual: readonly string[],
): CertificatePlan {
  return {
    commonName: name,
    dnsNames: unique([name, ...endpoint.names]),
    addresses: unique([address, ...virtual]),
    uses: ["server", "client"],
  };
}

/** The S3 server's. */
export function s3Certificate({ name, address }: Site): CertificatePlan {
  return {
    commonName: name,
    dnsNames: [name, "localhost"],
    addresses: [address, loopback],
    uses: ["server"],
  };
}

/** Of whoever acts on the cluster from outside: it asks, and is asked nothing. */
export function operatorCertificate({ name }: ClusterSpec): CertificatePlan {
  return { commonName: `${name}-operator`, dnsNames: [], addresses: [], uses: ["client"] };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
