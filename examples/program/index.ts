import * as pulumi from "@pulumi/pulumi";
import { outputsOf, SpiloCluster, type SpiloClusterArgs } from "pulumi-spilo";

const config = new pulumi.Config("spilo");

// What differs from stack to stack stands in Pulumi.<stack>.yaml; what all of them share can stand here.
const cluster = new SpiloCluster("orders", {
  ...config.requireObject<SpiloClusterArgs>("cluster"),
  images: config.getObject<NonNullable<SpiloClusterArgs["images"]>>("images"),
});

// spiloctl finds the cluster by these.
export default outputsOf(cluster);
