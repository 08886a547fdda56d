/**
 * Clusters for test suites:
 *
 *     await withCluster({ members: 1, etcd: { voters: 1 } }, async ({ uri }) => {
 *       …
 *     });
 */
export { type TestCluster, type TestClusterOptions, withCluster } from "./with-cluster.ts";
