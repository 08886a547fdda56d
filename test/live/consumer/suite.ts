import { withCluster } from "pulumi-spilo/testing";

/**
 * Somebody's test suite, with a cluster of its own: says what it has been given as a line of JSON, and then does what WORK
 * says: fail, or wait until it is interrupted.
 */
const { images, name, work } = JSON.parse(process.env["SUITE"] ?? "{}");

await withCluster({ name, images, members: 1, etcd: { voters: 1 } }, async ({ uri, caFile, status }) => {
  const { haState } = await status();
  console.log(JSON.stringify({ uri, caFile, haState }));
  if (work === "fail") throw new Error("the suite has failed");
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
