import { FakeCluster } from "../provider/fake-cluster.ts";
import { FakeEtcd } from "../provider/fake-etcd.ts";
import { FakePostgres } from "../provider/fake-postgres.ts";
import { access, certified, mutual, otherAuthority, serverTls } from "../provider/test-access.ts";
import type { Inside } from "./behind.ts";

/** Servers with TLS on the loopback of whatever network this is started in; says where, and what opens them. */
const cluster = await new FakeCluster().start();
const etcd = await new FakeEtcd().start();
etcd.put("/greeting", '"hello"');
const postgres = await new FakePostgres(serverTls).start();
const strange = await new FakePostgres(mutual(await certified({ by: otherAuthority }))).start();
const inside: Inside = {
  access,
  members: cluster.addresses.map(({ name, restUrl }) => ({ name, restUrl })),
  etcd: etcd.url,
  postgres: postgres.port,
  strange: strange.port,
};
console.log(JSON.stringify(inside));
