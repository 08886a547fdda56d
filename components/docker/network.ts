import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../../cluster/index.ts";
import { labelsOf } from "./labels.ts";

/** A bridge network whose planned addresses are out of the range that the engine gives away. */
export function makeNetwork(
  { cluster, network }: Pick<ClusterPlan, "cluster" | "network">,
  name: string,
  opts: pulumi.CustomResourceOptions,
): docker.Network {
  if (network === undefined) throw new Error(`the plan of ${cluster} has no network of its own`);
  const { subnet, gateway, dynamicRange } = network;
  return new docker.Network(
    name,
    {
      name: network.name,
      driver: "bridge",
      ipamConfigs: [{ subnet, gateway, ipRange: dynamicRange }],
      labels: labelsOf({ cluster }, "network"),
    },
    opts,
  );
}
