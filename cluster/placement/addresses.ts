import { stableHash } from "../stable-hash.ts";

/**
 * A cluster's /24 and who has which address in it. Every place is kept from the start, so that scaling moves nobody:
 * .1 gateway, .10 endpoint, .11–.19 members, .21–.29 proxies, .31–.37 voters, .41 S3 server, .51–.63 read replicas; the engine gives
 * addresses to others from .128 on.
 */

/** The most members that a cluster may ever have. */
export const mostMembers = 9;

/** The proxies that a cluster has. */
export const proxyCount = 2;

/** The default subnet of a cluster: one of the 16384 in 10.64.0.0/10, by a hash that never changes. */
export function subnetOf(clusterName: string): string {
  const hash = stableHash(clusterName);
  return `10.${64 + (Math.floor(hash / 256) % 64)}.${hash % 256}.0/24`;
}

/** The part of the subnet that the engine may give away. */
export function dynamicRangeOf(subnet: string): string {
  return `${prefixOf(subnet)}.128/25`;
}

/** The host's own address in the network. */
export function gatewayAddress(subnet: string): string {
  return addressAt(subnet, 1);
}

/** The address that clients use. */
export function endpointAddress(subnet: string): string {
  return addressAt(subnet, 10);
}

/** @param index 1–9 */
export function memberAddress(subnet: string, index: number): string {
  return addressAt(subnet, 10 + index);
}

/** Exactly the addresses that members and read replicas may ever have, as networks: what is listed by them changes with no member. */
export function memberNetworks(subnet: string): readonly string[] {
  return [
    `${memberAddress(subnet, 1)}/32`,
    `${memberAddress(subnet, 2)}/30`,
    `${memberAddress(subnet, 6)}/30`,
    `${replicaAddress(subnet, 1)}/32`,
    `${replicaAddress(subnet, 2)}/30`,
    `${replicaAddress(subnet, 6)}/29`,
  ];
}

/** @param index 1–9 */
export function proxyAddress(subnet: string, index: number): string {
  return addressAt(subnet, 20 + index);
}

/** VRRP's number of a virtual router, 1–255: the same at both proxies, another one for a neighbouring subnet. */
export function routerIdOf(subnet: string): number {
  return 1 + (Number(subnet.split(".")[2]) % 255);
}

/** @param index 1–7 */
export function voterAddress(subnet: string, index: number): string {
  return addressAt(subnet, 30 + index);
}

/** The stack's own S3 server. */
export function s3Address(subnet: string): string {
  return addressAt(subnet, 41);
}

/** @param place 1–13 */
export function replicaAddress(subnet: string, place: number): string {
  return addressAt(subnet, 50 + place);
}

/** The place of an address in a cluster's subnet, 0–255; undefined when it is not in it. */
export function placeIn(subnet: string, address: string): number | undefined {
  const prefix = `${prefixOf(subnet)}.`;
  return address.startsWith(prefix) ? Number(address.slice(prefix.length)) : undefined;
}

function addressAt(subnet: string, last: number): string {
  return `${prefixOf(subnet)}.${last}`;
}

/** `10.90.7` of `10.90.7.0/24`. */
function prefixOf(subnet: string): string {
  return subnet.split(".").slice(0, 3).join(".");
}
