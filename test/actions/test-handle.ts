import type { ClusterHandle } from "../../actions/handle.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import type { FakeCluster } from "../provider/fake-cluster.ts";
import { hastyClock } from "../provider/hasty-clock.ts";
import { access } from "../provider/test-access.ts";

/** A handle of a fake cluster. Whatever it has no part for is refused when it is used. */
export function handleOf(cluster: FakeCluster, change: Partial<ClusterHandle> = {}): ClusterHandle {
  const login = { user: "operator_1", password: "secret-word" };
  const unused = () => Promise.reject(new Error("not there in this test"));
  return {
    name: "orders",
    incarnation: "1a2b3c4d",
    members: cluster.addresses.map(({ name, restUrl, host, port }) => {
      return { name, restUrl, address: host, postgresPort: port, engine: "unix:///nowhere" };
    }),
    replicas: [],
    voters: [],
    proxies: [],
    endpoint: { address: "127.0.0.1", readWritePort: 9, readOnlyPort: 9 },
    archive: {
      bucket: "orders-wal",
      prefix: "spilo/orders/1a2b3c4d/wal/17",
      endpoint: "https://127.0.0.1:9",
      region: "us-east-1",
      ca: access.ca,
      accessKey: "key",
      secretKey: "secret-key",
    },
    dcsPrefix: "/spilo-1a2b3c4d/orders/",
    synchronousStandbys: 1,
    recovery: { objective: "normal" },
    access,
    patroni: patroniClient({ access, credentials: { username: "rest", password: "secret" } }),
    etcd: { get: unused, putIfUnchanged: unused, remove: unused },
    operator: login,
    credentials: { rest: { user: "rest", password: "secret" }, etcd: login },
    execOn: () => unused,
    record: async () => false,
    clock: hastyClock(),
    ...change,
  };
}
