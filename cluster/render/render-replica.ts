import type { ReplicaPlan } from "../part-types.ts";
import { replicaTag } from "../replicas/replica-tag.ts";
import { formatQuantity } from "../schema/quantity.ts";

/** What is special about a read replica in SPILO_CONFIGURATION. */
export interface ReplicaView {
  readonly tag: string;
  /** Patroni's name of whom it streams from. */
  readonly upstream: string | false;
  /** As PostgreSQL takes a time. */
  readonly delay: string | number | false;
}

/** False of a member. */
export function replicaView(
  server: Partial<Pick<ReplicaPlan, "replica" | "upstream" | "applyDelaySeconds">> | undefined,
): ReplicaView | false {
  if (server?.replica === undefined) return false;
  const { upstream = false, applyDelaySeconds: delay } = server;
  return { tag: replicaTag, upstream, delay: delay === undefined ? false : formatQuantity(delay, "s") };
}
