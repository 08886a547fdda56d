import { createServer } from "node:https";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClusterReach } from "../../actions/reach.ts";
import { orderMembers } from "../../actions/rolling/order-members.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { close, listen } from "./local-server.ts";
import { access, serverTls } from "./test-access.ts";

let cluster: FakeCluster;
/** Takes connections, and never answers. */
const silent = createServer(serverTls, () => undefined);

beforeEach(async () => {
  cluster = await new FakeCluster().start();
});

afterEach(async () => {
  await cluster.stop();
  await close(silent);
});

const login = { user: "somebody", password: "secret" };
/** The usual ones, twelve times faster. */
const limits = { questionMs: 250, totalMs: 1000 };

/** @param elsewhere where some members are asked instead. */
function reach(elsewhere: Readonly<Record<string, string>> = {}): ClusterReach {
  const endpoint = { address: "127.0.0.1", readWritePort: 1, readOnlyPort: 1 };
  const credentials = { operator: login, rest: login, etcd: login, access };
  const members = cluster.addresses.map(({ name, restUrl }) => {
    const asked = elsewhere[name] ?? restUrl;
    return {
      ...{ name, address: "127.0.0.1", restUrl: asked, postgresPort: 1, engine: "unix:///nowhere" },
      ...{ zone: "local", synchronous: true },
    };
  });
  const parts = { members, replicas: [], voters: [], proxies: [], synchronousStandbys: 1 };
  return { name: "m", incarnation: "1a2b3c4d", endpoint, ...parts, credentials };
}

describe("the order of the members", () => {
  it("is the planned one, with whoever leads last", async () => {
    expect(await orderMembers(reach())).toEqual(["m-2", "m-3", "m-1"]);
  });

  it("is found by the one that answers, however many before it are silent", async () => {
    cluster.leader = "m-2";
    const url = await listen(silent);
    const asked = reach({ "m-1": url, "m-2": url });
    expect(await orderMembers(asked, limits)).toEqual(["m-1", "m-3", "m-2"]);
  });

  it("is the planned one when nobody says who leads", async () => {
    const url = await listen(silent);
    const asked = reach({ "m-1": url, "m-2": url, "m-3": url });
    expect(await orderMembers(asked, limits)).toEqual(["m-1", "m-2", "m-3"]);
  });
});
