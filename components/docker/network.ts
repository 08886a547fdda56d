import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../../cluster/index.ts";
import { labelsOf } from "./labels.ts";

/** A bridge network whose planned addresses are out of the range that the engine gives away. */
export function makeNetwork(
  { cluster, network }: ClusterPlan,
  name: string,
  opts: pulumi.CustomResourceOptions,
): docker.Network {
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
