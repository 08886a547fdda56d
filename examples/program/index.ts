import * as pulumi from "@pulumi/pulumi";
import { SpiloCluster, type SpiloClusterArgs } from "pulumi-spilo";

const config = new pulumi.Config("spilo");

// What differs from stack to stack stands in Pulumi.<stack>.yaml; what all of them share can stand here.
const cluster = new SpiloCluster("orders", {
  ...config.requireObject<SpiloClusterArgs>("cluster"),
  images: config.getObject<NonNullable<SpiloClusterArgs["images"]>>("images"),
});

// spiloctl finds the cluster by these outputs.
export const name = config.requireObject<SpiloClusterArgs>("cluster").name;
export const { endpoint, uri, members, voters, proxies, replicas, synchronousStandbys, incarnation } =
  cluster;
export const { recovery, archive, placement, maintenance, volumeMib, survives, ca, credentials } = cluster;
