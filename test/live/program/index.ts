import { SpiloCluster } from "../../../components/index.ts";
import type { Declared } from "./declared.ts";

const { clusters, images }: Declared = JSON.parse(process.env["DECLARED"] ?? "");

for (const { resource, formerly, name } of clusters) {
  const aliases = formerly === undefined ? [] : [{ name: formerly }];
  // Tests take down what they have made.
  const unguarded = { deletionProtection: false, finalBackup: false };
  new SpiloCluster(resource, { name, members: 1, etcd: { voters: 1 }, images, ...unguarded }, { aliases });
}
