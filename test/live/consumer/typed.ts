import type * as pulumi from "@pulumi/pulumi";
import type { ReplicaInput, SpiloCluster, SpiloClusterArgs } from "pulumi-spilo";
import {
  ActionError,
  clusterHandle,
  exitCodes,
  readStackOutputs,
  type StatusReport,
  status,
} from "pulumi-spilo/actions";
import { withCluster } from "pulumi-spilo/testing";

/** What the types let through, and what they do not: this is compiled, and never run. */
export async function typed(cluster: SpiloCluster): Promise<void> {
  const uri: pulumi.Output<string> = cluster.uri;
  const report: StatusReport = await status(clusterHandle(await readStackOutputs({ stack: "prod" })));
  const isOver: boolean = exitCodes.done === 0 && new ActionError("refused", "no").code === "refused";
  const rows: number = await withCluster(
    { members: 1, ttl: "1h" },
    async ({ name, handle }) => name.length + handle.members.length,
  );
  void [uri, report, isOver, rows];
}

export const written: SpiloClusterArgs = {
  name: "orders",
  synchronous: { mode: "quorum" },
  ttl: "2d",
  owner: "me",
};

/** What stands under a key has a name of its own. */
export const reading: readonly ReplicaInput[] = [{ name: "reports" }];

// @ts-expect-error A cluster has a name.
export const nameless: SpiloClusterArgs = { members: 3 };
// @ts-expect-error There is no such mode.
export const otherMode: SpiloClusterArgs = { name: "orders", synchronous: { mode: "always" } };
// @ts-expect-error There is no such key.
export const otherKey: SpiloClusterArgs = { name: "orders", syncronous: {} };
// @ts-expect-error It is no number.
export const otherType: SpiloClusterArgs = { name: "orders", members: "3" };
