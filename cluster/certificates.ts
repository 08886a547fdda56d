import { memberAddress, proxyAddress, proxyCount, s3Address, voterAddress } from "./placement/addresses.ts";
import type { CertificatePlan } from "./plan-types.ts";
import type { ClusterSpec } from "./schema/cluster-spec.ts";

/**
 * What each part's certificate says. A server is checked against the name or the address that it was asked for, so
 * the certificate has every one of them: clients reach a member through a proxy, too, and at the endpoint's address.
 */

const loopback = "127.0.0.1";

/** @param name the member's. @param index 1–9 */
export function memberCertificate(spec: ClusterSpec, name: string, index: number): CertificatePlan {
  const { subnet } = spec.network;
  const proxies = Array.from({ length: proxyCount }, (_, offset) => proxyAddress(subnet, offset + 1));
  return {
    commonName: name,
    dnsNames: unique([name, ...spec.endpoint.names]),
    addresses: [memberAddress(subnet, index), spec.endpoint.vip, ...proxies],
    uses: ["server", "client"],
  };
}

/** Voters ask each other, and etcd asks itself. @param name the voter's. @param index 1–7 */
export function voterCertificate({ network }: ClusterSpec, name: string, index: number): CertificatePlan {
  return {
    commonName: name,
    dnsNames: [name, "localhost"],
    addresses: [voterAddress(network.subnet, index), loopback],
    uses: ["server", "client"],
  };
}

/** Its pooler is a server, its checks of the members are a client. @param name the proxy's. @param index 1–9 */
export function proxyCertificate(spec: ClusterSpec, name: string, index: number): CertificatePlan {
  return {
    commonName: name,
    dnsNames: unique([name, ...spec.endpoint.names]),
    addresses: [proxyAddress(spec.network.subnet, index), spec.endpoint.vip],
    uses: ["server", "client"],
  };
}

/** @param name the S3 server's */
export function s3Certificate({ network }: ClusterSpec, name: string): CertificatePlan {
  return {
    commonName: name,
    dnsNames: [name, "localhost"],
    addresses: [s3Address(network.subnet), loopback],
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
