import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { patroniClient } from "../../actions/patroni-client.ts";
import { clusterIsReady, memberHasJoined } from "../../actions/readiness.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { hastyClock } from "./hasty-clock.ts";

let cluster: FakeCluster;

beforeEach(async () => {
  cluster = await new FakeCluster().start();
});

afterEach(() => cluster.stop());

function ready(members = cluster.addresses): Promise<void> {
  const patroni = patroniClient();
  return clusterIsReady({ cluster: "orders", members, patroni, deadlineMs: 3000, clock: hastyClock() });
}

function joined(name: string): Promise<void> {
  const { url } = cluster.member(name);
  const patroni = patroniClient();
  return memberHasJoined({ name, restUrl: url, patroni, deadlineMs: 3000, clock: hastyClock() });
}

describe("readiness", () => {
  it("is reached when one leads and all others stream", async () => {
    await expect(ready()).resolves.toBeUndefined();
  });

  it("names each member that is late, its state, and where its log is", async () => {
    cluster.stopMember("m-3");
    const absent = { name: "m-4", restUrl: "http://127.0.0.1:9", host: "127.0.0.1", port: 4 };
    await expect(ready([...cluster.addresses, absent])).rejects.toThrow(
      "cluster orders has a leader and all its standbys stream: not within 3 s: m-3 is stopped (standby); " +
        "m-4 has not reported yet. `docker logs NAME` shows why a member is not there yet; then run `pulumi up` again",
    );
  });

  it("is not reached without a leader", async () => {
    cluster.leader = "nobody";
    await expect(ready()).rejects.toThrow(/no member leads \(m-1 streaming; m-2 streaming; m-3 streaming\)/);
  });

  it("says that nobody answers when that is so", async () => {
    const [first] = cluster.addresses;
    const restUrl = "http://127.0.0.1:9";
    await expect(ready(first === undefined ? [] : [{ ...first, restUrl }])).rejects.toThrow(
      /no member answers: GET http:\/\/127\.0\.0\.1:9\/cluster: /,
    );
  });
});

describe("a member that was replaced", () => {
  it("has joined when it streams, or leads", async () => {
    await expect(joined("m-2")).resolves.toBeUndefined();
    await expect(joined("m-1")).resolves.toBeUndefined();
  });

  it("has not joined while its PostgreSQL is not running", async () => {
    cluster.stopMember("m-2");
    await expect(joined("m-2")).rejects.toThrow(
      /m-2 has joined the cluster: not within 3 s: it is stopped and does not stream from m-1 yet\. docker logs m-2/,
    );
  });
});
