import type { ClusterPlan } from "../plan-types.ts";
import { portsOfCluster } from "./ports.ts";

/** The ports that a cluster has on one host. */
export interface PortClaim {
  readonly cluster: string;
  /** The host's address. */
  readonly address: string;
  /** What the ports are for, in the words of the setting that they come from. */
  readonly setting: string;
  readonly from: number;
  readonly to: number;
}

/** All that a cluster claims of its hosts; nothing of one whose parts have a network of their own. */
export function portClaims(plan: ClusterPlan, firstPort: number): readonly PortClaim[] {
  // On AWS each part has a machine of its own.
  if (plan.network !== undefined || plan.aws !== undefined) return [];
  const { cluster, endpoint, zones } = plan;
  const claim = (address: string, setting: string, from: number, count = 1): PortClaim => {
    return { cluster, address, setting, from, to: from + count - 1 };
  };
  return zones.flatMap(({ address = "", witness }) => {
    const parts = claim(address, "network.firstPort", firstPort, portsOfCluster);
    if (witness) return [parts];
    const { readWritePort, readOnlyPort, replicasPort, pooledPort } = endpoint;
    return [
      parts,
      claim(address, "endpoint.ports.readWrite", readWritePort),
      claim(address, "endpoint.ports.readOnly", readOnlyPort),
      ...(replicasPort === undefined ? [] : [claim(address, "endpoint.ports.replicas", replicasPort)]),
      ...(pooledPort === undefined ? [] : [claim(address, "endpoint.ports.pooled", pooledPort)]),
    ];
  });
}

/** Two claims that meet on one host: the first of them, or undefined. A cluster does not meet itself. */
export function firstClash(
  held: readonly PortClaim[],
  wanted: readonly PortClaim[],
): { readonly held: PortClaim; readonly wanted: PortClaim } | undefined {
  for (const one of wanted) {
    const other = held.find(
      ({ cluster, address, from, to }) =>
        cluster !== one.cluster && address === one.address && from <= one.to && one.from <= to,
    );
    if (other !== undefined) return { held: other, wanted: one };
  }
  return undefined;
}
