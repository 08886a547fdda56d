import { outputsOf, SpiloCluster, type SpiloClusterArgs } from "pulumi-spilo";

/** What of it a test changes, as JSON in the variable DECLARED. */
const declared: Partial<SpiloClusterArgs> = JSON.parse(process.env["DECLARED"] ?? "{}");

const orders = new SpiloCluster("orders", {
  name: "consumer",
  etcd: { voters: 1 },
  resources: { memory: "512MB" },
  postgresql: { parameters: { max_connections: 50 } },
  deletionProtection: false,
  finalBackup: false,
  ...declared,
});

export default outputsOf(orders);
