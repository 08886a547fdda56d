import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { clusterIsReady } from "../../actions/readiness.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { hastyClock } from "./hasty-clock.ts";
import { access } from "./test-access.ts";

let cluster: FakeCluster;

beforeEach(async () => {
  cluster = await new FakeCluster().start();
});

afterEach(() => cluster.stop());

function ready(members = cluster.addresses, synchronousStandbys = 1): Promise<void> {
  const patroni = patroniClient({ access, credentials: { username: "rest", password: "secret" } });
  const wanted = { cluster: "orders", members, synchronousStandbys };
  return clusterIsReady({ ...wanted, patroni, deadlineMs: 3000, clock: hastyClock() });
}

describe("readiness", () => {
  it("is reached when one leads and all others stream", async () => {
    await expect(ready()).resolves.toBeUndefined();
  });

  it("names every member, its state, and where its log is", async () => {
    cluster.stopMember("m-3");
    const absent = { name: "m-4", restUrl: "https://127.0.0.1:9", host: "127.0.0.1", port: 4 };
    await expect(ready([...cluster.addresses, absent])).rejects.toThrow(
      /^cluster orders has a leader and all its standbys stream: not within 3 s: m-1 leads; m-2 streams; m-3 is stopped \(replica\); m-4 does not answer \(GET .*\)\. `docker logs NAME` shows why a member is not there yet; then run `pulumi up` again$/,
    );
  });

  it("is not reached without a leader", async () => {
    cluster.leader = "nobody";
    await expect(ready()).rejects.toThrow(/not within 3 s: no member leads/);
  });

  it("is not reached before enough standbys are synchronous, and asks the leader to look", async () => {
    await expect(ready(cluster.addresses, 3)).rejects.toThrow(/2 of 3 standbys are synchronous/);
    expect(cluster.wakeUps).toBeGreaterThan(0);
  });
});
