import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClusterHandle, HandleReplica } from "../../actions/handle.ts";
import { clusterIsReady } from "../../actions/readiness.ts";
import { replicaHasJoined } from "../../actions/replicas/serves.ts";
import { orderMembers } from "../../actions/rolling/order-members.ts";
import { takeTurn } from "../../actions/rolling/take-turn.ts";
import { carryOutSettings, prepareSettings } from "../../actions/settings/settings.ts";
import { known } from "../../actions/status/ask.ts";
import { memberReports, observeMembers } from "../../actions/status/members.ts";
import {
  positionOf,
  type ReplicaReport,
  replicaDegradations,
  replicaReports,
} from "../../actions/status/replicas.ts";
import { observeRoles } from "../../actions/switchover/observe-roles.ts";
import { replicaTag } from "../../cluster/replicas/replica-tag.ts";
import { checkFailover } from "../../cluster/running/failover-checks.ts";
import { checkSwitchover } from "../../cluster/running/switchover-checks.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { access } from "../provider/test-access.ts";
import { handleOf } from "./test-handle.ts";

/** Three members, then a fresh replica, m-4, and a late one, m-5. */
let cluster: FakeCluster;

const tags = { nofailover: true, nosync: true, [replicaTag]: true };

beforeEach(async () => {
  cluster = await new FakeCluster({ members: 5 }).start();
  cluster.member("m-4").tags = { ...tags, replicatefrom: "m-2" };
  cluster.member("m-5").tags = { ...tags, noloadbalance: true };
});

afterEach(() => cluster.stop());

function handle(): ClusterHandle {
  const all = handleOf(cluster);
  const replicas = all.members.slice(3).map(({ name, restUrl }, index): HandleReplica => {
    const place = { address: "127.0.0.1", postgresPort: index + 4, engine: "unix:///nowhere", zone: "local" };
    const special = index === 0 ? { upstream: "m-2" } : { applyDelaySeconds: 3600 };
    return { name, replica: name, restUrl, ...place, ...special };
  });
  return { ...all, members: all.members.slice(0, 3), replicas };
}

const silent = { step: () => undefined, note: () => undefined, warn: () => undefined };

describe("roles", () => {
  it("are observed of those that may lead, and replicas are named as what they are", async () => {
    const observed = await observeRoles(handle());
    expect(observed.members.map(({ name }) => name)).toEqual(["m-1", "m-2", "m-3"]);
    expect(observed.replicas).toEqual(["m-4", "m-5"]);
  });

  it("go to no replica, by a switchover or by a failover", async () => {
    const observed = await observeRoles(handle());
    const why = "m-4 is a read replica, which never leads";
    expect(checkSwitchover(observed, { to: "m-4" })).toMatchObject({ kind: "refused", reasons: [why] });
    const lost = { ...observed, silent: ["m-1"] };
    expect(checkFailover(lost, { to: "m-4" })).toMatchObject({ kind: "refused", reasons: [why] });
    expect(checkFailover(lost, {})).toMatchObject({ kind: "replace", candidate: { name: "m-2" } });
  });

  it("order the members of an update, and a replica that is away keeps no member waiting", async () => {
    const { credentials, members, replicas, ...others } = handle();
    const reach = { ...others, members: members.map((one) => ({ synchronous: true, ...one })), replicas };
    const named = { operator: credentials.etcd, rest: credentials.rest, etcd: credentials.etcd, access };
    const endpoint = { address: "127.0.0.1", readWritePort: 1, readOnlyPort: 1 };
    const voters: { name: string; url: string }[] = [];
    const asked = { ...reach, incarnation: "1a2b3c4d", endpoint, voters, proxies: [], credentials: named };
    expect(await orderMembers(asked)).toEqual(["m-2", "m-3", "m-1"]);
    cluster.stopMember("m-4");
    const handOver = () => Promise.reject(new Error("nobody is to take over"));
    const turn = { member: "m-2", handle: handle(), handOver, renewed: new Set<string>(), narrator: silent };
    await takeTurn({ ...turn, deadlineMs: 1000 });
  });
});

describe("a read replica that is replaced or added", () => {
  const [fresh, late] = [0, 1];

  it("has joined when it streams; one with a delay when it runs", async () => {
    const { replicas, ...asked } = handle();
    const join = (index: number) => {
      const replica = replicas[index];
      if (replica === undefined) throw new Error(`no replica ${index}`);
      return replicaHasJoined({ replica, handle: asked, deadlineMs: 1000 });
    };
    await join(fresh);
    cluster.member("m-4").replicationState = "in archive recovery";
    await expect(join(fresh)).rejects.toThrow("m-4 does not stream yet");
    cluster.member("m-5").replicationState = null;
    await join(late);
    cluster.stopMember("m-5");
    await expect(join(late)).rejects.toThrow("m-5 is stopped");
  });

  it("is waited for by an update, and named when it does not come", async () => {
    const { replicas, members, patroni, clock } = handle();
    const ready = () =>
      clusterIsReady({
        cluster: "m",
        members,
        replicas,
        synchronousStandbys: 1,
        patroni,
        deadlineMs: 1000,
        clock,
      });
    cluster.member("m-5").replicationState = null;
    await ready();
    cluster.stopMember("m-4");
    await expect(ready()).rejects.toThrow("m-4 is stopped");
  });
});

describe("status", () => {
  async function seen() {
    const asked = handle();
    const members = await observeMembers(asked);
    const view = known(members.view);
    return {
      haState: members.haState,
      members: memberReports(asked, members, new Map()),
      replicas: replicaReports(asked, view, members.replicas, positionOf(view, members.own)),
    };
  }

  it("counts no replica among the members, and tells of each whom it follows and how late it is", async () => {
    cluster.member("m-5").position = 400;
    const { haState, members, replicas } = await seen();
    expect(haState).toBe("Healthy");
    expect(members.map(({ name }) => name)).toEqual(["m-1", "m-2", "m-3"]);
    expect(replicas).toMatchObject([
      { name: "m-4", state: "streaming", lagBytes: 0, upstream: "m-2", applyDelaySeconds: null },
      { name: "m-5", state: "streaming", upstream: null, applyDelaySeconds: 3600, declared: true },
    ]);
    expect(replicaDegradations(replicas)).toEqual([]);
  });

  it("says what is amiss with a replica, and of the cluster that it is healthy", async () => {
    cluster.stopMember("m-4");
    cluster.member("m-5").replicationState = null;
    const { haState, replicas } = await seen();
    expect(haState).toBe("Healthy");
    expect(replicaDegradations(replicas)).toEqual(["read replica m-4 is stopped"]);
  });

  it("tells one that is not there, one that is silent, and one that is not to be there", () => {
    const usual: ReplicaReport = {
      ...{ name: "m-4", address: null, declared: true, state: "streaming", timeline: 1, lagBytes: 0 },
      ...{ upstream: null, applyDelaySeconds: null, zone: null, answers: true, reason: null },
    };
    const told = (change: Partial<ReplicaReport>) => replicaDegradations([{ ...usual, ...change }]);
    expect(told({ state: null })).toEqual(["read replica m-4 is not in the cluster"]);
    expect(told({ answers: false, reason: "refused" })).toEqual([
      "read replica m-4 does not answer: refused",
    ]);
    expect(told({ declared: false })).toEqual(["read replica m-4 is not declared any more and still there"]);
  });
});

describe("settings", () => {
  function tools() {
    const { patroni, clock } = handle();
    return {
      patroni,
      readInForce: cluster.readInForce,
      readLogicalSlots: async () => [],
      report: () => undefined,
      clock,
      stepDeadlineMs: 2000,
    };
  }

  async function change(max_connections: number) {
    const wanted = { postgresql: { parameters: { max_connections } } };
    const existing = ["m-1", "m-2", "m-3"];
    const prepared = await prepareSettings(
      { members: cluster.addresses.slice(0, 3), existing, wanted, before: wanted },
      tools(),
    );
    await carryOutSettings(prepared, tools());
  }

  it("that are raised reach replicas before the leader, as they reach standbys", async () => {
    await change(200);
    expect(cluster.restarts).toEqual(["m-2", "m-3", "m-4", "m-5", "m-1"]);
    expect(cluster.inForce("max_connections")).toEqual(Array(5).fill("200"));
  });

  it("that are lowered do not wait for a late one to replay that", async () => {
    await change(50);
    expect(cluster.restarts).toEqual(["m-1", "m-2", "m-3", "m-4"]);
    expect(cluster.inForce("max_connections")).toEqual(["50", "50", "50", "50", "100"]);
  });

  it("do not wait for a replica that is away", async () => {
    cluster.stopMember("m-4");
    await change(200);
    expect(cluster.restarts).toEqual(["m-2", "m-3", "m-5", "m-1"]);
  });
});
