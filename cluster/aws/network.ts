import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { AwsNetworkPlan, AwsZonePlan } from "./aws-plan.ts";
import { availabilityZone } from "./names.ts";

/**
 * The networks of the zones. Of a VPC that is made, a /24, each zone has a /27 for its machines and a /28 for the load
 * balancer and the way out; AWS keeps the first four addresses of each and the last one. In a zone's network .11–.19 are
 * the members' and .21–.25 the voters', so that scaling moves nobody; what they leave is the read replicas'.
 */
export function planNetwork(spec: ClusterSpec): AwsNetworkPlan {
  const { aws, placement, network } = spec;
  const zones = placement.zones.map(({ name, witness }, place): AwsZonePlan => {
    const given = aws?.subnets?.[place];
    const made = {
      inner: { cidr: `${plus(network.subnet, 32 * place)}/27` },
      outer: { cidr: `${plus(network.subnet, 128 + 16 * place)}/28` },
    };
    return {
      zone: name,
      availabilityZone: availabilityZone(aws?.region ?? "", name),
      ...(aws?.vpc === undefined || given === undefined ? made : { inner: given, outer: given }),
      serves: !witness,
    };
  });
  return aws?.vpc === undefined ? { cidr: network.subnet, zones } : { vpc: aws.vpc, cidr: "", zones };
}

/** @param index 1–9 */
export function memberAddressIn({ inner }: AwsZonePlan, index: number): string {
  return plus(inner.cidr, 10 + index);
}

/** @param index 1–7 */
export function voterAddressIn({ inner }: AwsZonePlan, index: number): string {
  return plus(inner.cidr, 20 + index);
}

/** @param place 1–13 */
export function replicaAddressIn({ inner }: AwsZonePlan, place: number): string {
  if (place <= 7) return plus(inner.cidr, 3 + place);
  return plus(inner.cidr, place === 8 ? 20 : 17 + place);
}

/** Exactly the addresses that members and read replicas may ever have in a zone, as networks. */
export function serverNetworksIn({ inner }: AwsZonePlan): readonly string[] {
  const networks = ["4/30", "8/29", "16/30", "20/32", "26/31", "28/31", "30/32"];
  return networks.map((network) => {
    const [first, bits] = network.split("/");
    return `${plus(inner.cidr, Number(first))}/${bits}`;
  });
}

/** The same for members alone. */
export function memberNetworksIn(zone: AwsZonePlan): readonly string[] {
  const { inner } = zone;
  return [`${plus(inner.cidr, 11)}/32`, `${plus(inner.cidr, 12)}/30`, `${plus(inner.cidr, 16)}/30`];
}

/** The same for voters. */
export function voterNetworksIn({ inner }: AwsZonePlan): readonly string[] {
  return [`${plus(inner.cidr, 21)}/32`, `${plus(inner.cidr, 22)}/31`, `${plus(inner.cidr, 24)}/31`];
}

/** The address so many places after the first one of a network. */
function plus(network: string, places: number): string {
  const [base = ""] = network.split("/");
  const number = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + places;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
