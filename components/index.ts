export type { ArchiveOutput, Credentials, MemberOutput } from "./cluster-outputs.ts";
export type { StoreKey } from "./platform.ts";
export type { SourceValue } from "./source.ts";
export { SpiloCluster, type SpiloClusterArgs } from "./spilo-cluster.ts";
