import type { ClusterPlan, ServerPartPlan } from "../cluster/index.ts";

/** Where a member's Patroni is asked. */
export function restUrlOf({ rest }: Pick<ServerPartPlan, "rest">): string {
  return `https://${rest.host}:${rest.port}`;
}

/** Where clients of etcd ask. */
export function voterUrls({ voters }: Pick<ClusterPlan, "voters">): readonly string[] {
  return voters.map(({ client }) => `https://${client.host}:${client.port}`);
}
