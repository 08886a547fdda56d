import { createServer as createTlsServer } from "node:tls";
import { afterEach, expect, it } from "vitest";
import { observeCertificates } from "../../actions/status/certificates.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { FakePostgres } from "../provider/fake-postgres.ts";
import { access, certified, mutual, serverTls } from "../provider/test-access.ts";
import { handleOf } from "./test-handle.ts";

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

it("every served certificate is told with its days, and so is what has none", async () => {
  const cluster = await new FakeCluster({ members: 1 }).start();
  const postgres = await new FakePostgres(mutual(await certified({ age: 20 }))).start();
  const voter = createTlsServer(serverTls);
  await new Promise<void>((resolve) => voter.listen(0, "127.0.0.1", resolve));
  const address = voter.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  ends.push(
    () => cluster.stop(),
    () => postgres.stop(),
    () => voter.close(),
  );
  const handle = handleOf(cluster, {
    voters: [{ name: "etcd-1", url: `https://127.0.0.1:${port}` }],
    endpoint: { address: "127.0.0.1", readWritePort: 9, readOnlyPort: 9, pooledPort: 9 },
    proxies: [{ name: "proxy-1", address: "127.0.0.1", engine: "unix:///nowhere" }],
  });
  const [planned] = handle.members;
  const members = planned === undefined ? [] : [{ ...planned, postgresPort: postgres.port }];
  const found = await observeCertificates({ ...handle, members }, new Date());
  const days = found.map(({ part, at, daysLeft }) => [part, at?.replace(/:\d+$/, "") ?? null, daysLeft]);
  const soon = expect.toSatisfy((left: number) => left >= 8 && left <= 10);
  expect(days).toEqual([
    ["m-1", "127.0.0.1", expect.toSatisfy((left: number) => left < 0)],
    ["m-1", "127.0.0.1", soon],
    ["etcd-1", "127.0.0.1", soon],
    ["proxy-1", "127.0.0.1", null],
    ["archive", "127.0.0.1", null],
    ["operator", null, soon],
    ["authority", null, expect.toSatisfy((left: number) => left > 300)],
  ]);
  expect(JSON.stringify(found)).not.toContain(access.privateKey.slice(40, 80));
});
