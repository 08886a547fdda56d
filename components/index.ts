/** Clusters for Pulumi programs: see `SpiloCluster`. */
export type * from "../cluster/schema/cluster-spec-input.ts";
export type { ArchiveOutput, Credentials, MemberOutput } from "./cluster-outputs.ts";
export { outputsOf } from "./outputs-of.ts";
export type { StoreKey } from "./platform.ts";
export type { SourceValue } from "./source.ts";
export { SpiloCluster, type SpiloClusterArgs } from "./spilo-cluster.ts";
