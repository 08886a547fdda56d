import { backendsOf } from "./rules/sizing.ts";
import type { ClusterSpec } from "./schema/cluster-spec.ts";

/** What a container may take of its host at most: one that runs wild must not starve its neighbours. */
export interface Limits {
  /** MiB */
  readonly memoryMib: number;
  /** Processes and threads together, as the kernel counts them. */
  readonly processes: number;
}

/** etcd holds its keys in memory, and its quota is 2 GiB on disk; Patroni's keys are a few kilobytes. */
export const voterLimits: Limits = { memoryMib: 1024, processes: 512 };

/** HAProxy, keepalived and PgBouncer, with a few thousand connections. */
export const proxyLimits: Limits = { memoryMib: 512, processes: 512 };

/** MinIO keeps the parts of uploads in memory. */
export const s3Limits: Limits = { memoryMib: 2048, processes: 1024 };

const usualProcesses = 4096;

/**
 * PostgreSQL has a process for each session, and every session may be replaced by another before it is quite gone.
 * The rest is for Patroni, the archiver, and whoever enters the container.
 */
export function memberProcesses(spec: ClusterSpec): number {
  return Math.max(usualProcesses, 2 * backendsOf(spec) + 1024);
}
