import type { ClusterSpecInput } from "../../cluster/index.ts";

/** A specification of a cluster on AWS, over as many zones as there are letters. */
export function onAws(zones: string, change: Partial<ClusterSpecInput> = {}): ClusterSpecInput {
  return {
    name: "orders",
    platform: "aws",
    network: { subnet: "10.90.7.0/24" },
    resources: { volume: "100GB" },
    placement: {
      mode: zones.length === 1 ? "zonal" : "cross-zone",
      zones: [...zones].map((name) => ({ name })),
    },
    ...change,
    aws: { region: "eu-central-1", ami: "ami-0a1b2c3d4e", keyPair: "operators", ...change.aws },
  };
}
