import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClusterHandle } from "../../actions/handle.ts";
import { wantedPatch } from "../../actions/patroni/cluster-standing.ts";
import { exitCodeOf } from "../../actions/status/degraded.ts";
import type { StatusSources } from "../../actions/status/observe.ts";
import type { StatusReport } from "../../actions/status/report.ts";
import type { ServerFacts } from "../../actions/status/server-facts.ts";
import { status } from "../../actions/verbs/status.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { backupReport } from "./bucket.ts";
import { handleOf } from "./test-handle.ts";

let cluster: FakeCluster;

beforeEach(async () => {
  cluster = await new FakeCluster().start();
});

afterEach(() => cluster.stop());

const serverFacts: ServerFacts = {
  slots: [{ name: "m_2", type: "physical", active: true, retainedBytes: 0, walStatus: "reserved" }],
  archiver: {
    lastWal: "000000010000000000000004",
    lastSeconds: 12,
    archived: 4,
    failures: 0,
    lastFailedWal: null,
    lastFailedSeconds: null,
    waiting: 0,
    oldestWaitingSeconds: null,
    upTo: "2030-01-02T00:00:00.000Z",
    timeoutSeconds: 60,
  },
  standbys: [
    { name: "m-2", lagBytes: 0, lagSeconds: null },
    { name: "m-3", lagBytes: 4096, lagSeconds: 0.2 },
  ],
};

/** Everything beside Patroni is well. */
const well: Omit<StatusSources, "declaredSlots"> = {
  serverFacts: async () => serverFacts,
  voters: async () => [
    { name: "etcd-1", healthy: true, reason: null, leads: true, dbSizeBytes: 20_480, alarms: [] },
  ],
  holders: async () => [
    { proxy: "proxy-1", holds: { known: true } },
    { proxy: "proxy-2", holds: { known: false } },
  ],
  backups: async () => [backupReport({ name: "base_1" })],
  second: async () => null,
  certificates: async () => [
    { part: "m-1", at: "127.0.0.1:1", expires: "2031-01-01T00:00:00.000Z", daysLeft: 365 },
  ],
  volumes: async () => [],
};

const onItsVolume = "on the leader's volume; see to the S3 server (`spiloctl backup list` asks it)";

function look(
  change: Partial<StatusSources> = {},
  handle: ClusterHandle = handleOf(cluster),
  askMs?: number,
): Promise<StatusReport> {
  return status(handle, { sources: { ...well, ...change }, record: false, askMs });
}

describe("status of a healthy cluster", () => {
  it("says who leads, how far the others are behind, and that nothing is amiss", async () => {
    const report = await look();
    expect(report).toMatchObject({
      cluster: "orders",
      haState: "Healthy",
      leader: "m-1",
      paused: false,
      stopped: false,
      synchronous: { asked: 1, now: 2 },
      members: [
        { name: "m-1", role: "leader", state: "running", lagBytes: null, sync: null, answers: true },
        { name: "m-2", state: "streaming", lagBytes: 0, lagSeconds: 0, sync: "quorum" },
        { name: "m-3", lagBytes: 4096, lagSeconds: 0.2 },
      ],
      endpoint: { address: "127.0.0.1", holders: ["proxy-1"] },
      archive: { lastWal: "000000010000000000000004" },
      backups: {
        ...{ count: 1, last: { name: "base_1" } },
        window: { from: "2030-01-01T01:05:00.500Z", to: "2030-01-02T00:00:00.000Z" },
      },
      degraded: [],
      unknown: [],
    });
    expect(exitCodeOf(report)).toBe(0);
  });

  it("believes a member about itself: what the DCS holds of it may be as old as loop_wait", async () => {
    const handle = handleOf(cluster);
    const { patroni } = handle;
    const asItWas: typeof patroni.cluster = async (url) => {
      const view = await patroni.cluster(url);
      const members = view.members.map((member) =>
        member.name === "m-2" ? { ...member, state: "starting" } : member,
      );
      return { ...view, members };
    };
    const report = await look({}, { ...handle, patroni: { ...patroni, cluster: asItWas } });
    expect(report).toMatchObject({ haState: "Healthy", degraded: [] });
    expect(report.members[1]).toMatchObject({ name: "m-2", state: "streaming" });
  });

  it("has the slots that Patroni is told of", async () => {
    cluster.config = {
      ...cluster.config,
      slots: { cdc: { type: "logical", database: "orders", plugin: "pgoutput" }, tape: { type: "physical" } },
      ignore_slots: [{ name: "debezium" }, { type: "physical" }],
    };
    const report = await look();
    expect(report.declaredSlots).toEqual({ logical: ["cdc"], kept: ["debezium"] });
    expect(report.degraded).toEqual([expect.stringMatching(/^slot cdc is declared, and not there: /)]);
  });

  it("holds no secret", async () => {
    const text = JSON.stringify(await look());
    expect(text).not.toMatch(/secret|PRIVATE KEY/);
  });
});

describe("what is not as it should be", () => {
  it("is told of a member that is down, and the state beside it is the cluster's", async () => {
    cluster.stopMember("m-3");
    const report = await look();
    expect(report).toMatchObject({ haState: "Healthy", degraded: ["m-3 is stopped"] });
    expect(exitCodeOf(report)).toBe(4);
  });

  it("is told of a declared member that is not there", async () => {
    const handle = handleOf(cluster);
    const absent = { name: "m-4", restUrl: "https://127.0.0.1:9", address: "127.0.0.1" };
    const members = [...handle.members, { ...absent, postgresPort: 4, engine: "unix:///nowhere" }];
    const { degraded } = await look({}, { ...handle, members });
    expect(degraded).toEqual([expect.stringMatching(/^m-4 does not answer: GET /)]);
  });

  it("is a member that is not declared any more", async () => {
    const handle = handleOf(cluster);
    const report = await look({}, { ...handle, members: handle.members.slice(0, 2) });
    expect(report.haState).toBe("RemovingStandby");
    expect(report.members[2]).toMatchObject({ name: "m-3", declared: false });
    expect(exitCodeOf(report)).toBe(4);
  });

  it("is what an update under way has noted, whatever the outputs of the one before say", async () => {
    cluster.config = { ...cluster.config, ...wantedPatch(["m-1", "m-2"]) };
    const leaving = await look();
    expect(leaving.haState).toBe("RemovingStandby");
    expect(leaving.members[2]).toMatchObject({ name: "m-3", declared: false });
    cluster.config = { ...cluster.config, ...wantedPatch(["m-1", "m-2", "m-3"]) };
    const handle = handleOf(cluster);
    const coming = await look({}, { ...handle, members: handle.members.slice(0, 2) });
    expect(coming.haState).toBe("Healthy");
    expect(coming.degraded).toEqual([]);
    expect(coming.members[2]).toMatchObject({ name: "m-3", declared: true });
  });

  it("is that nobody leads, which is another exit code", async () => {
    cluster.leader = "nobody";
    const report = await look();
    expect(report).toMatchObject({ haState: "FailingOver", leader: null, slots: null, archive: null });
    expect(report.degraded).toContain("no member leads");
    expect(report.unknown).toContainEqual({ what: "slots and archiving", reason: "no member leads" });
    expect(exitCodeOf(report)).toBe(5);
  });

  it("is that too few standbys are synchronous, that it is paused, or stopped", async () => {
    cluster.config = { ...cluster.config, pause: true, spilo: { stopped: true } };
    const report = await look({}, handleOf(cluster, { synchronousStandbys: 3 }));
    expect(report.stopped).toBe(true);
    expect(report.degraded).toEqual([
      "it was stopped: `spiloctl start` has it go on",
      "2 of 3 standbys are synchronous",
    ]);
  });

  it.each<[string, Partial<StatusSources>, string]>([
    [
      "a voter",
      {
        voters: async () => [
          { name: "etcd-1", healthy: false, reason: "no", leads: null, dbSizeBytes: null, alarms: [] },
        ],
      },
      "voter etcd-1: no",
    ],
    [
      "an address that nobody holds",
      { holders: async () => [{ proxy: "proxy-1", holds: { known: false } }] },
      "no proxy holds the address 127.0.0.1",
    ],
    [
      "an address that two hold",
      { holders: async () => ["a", "b"].map((proxy) => ({ proxy, holds: { known: true } })) },
      "a and b both hold the address 127.0.0.1",
    ],
    ["no backup", { backups: async () => [] }, "there is no base backup: nothing can be restored"],
    [
      "archiving that fails",
      archiver({
        ...{ lastFailedWal: "00000001000000000000000A", lastFailedSeconds: 1 },
        ...{ waiting: 1, oldestWaitingSeconds: 40 },
      }),
      `archiving fails, last of 00000001000000000000000A: 1 WAL file waits, the oldest for 40 s, ${onItsVolume}`,
    ],
    [
      "archiving of which many files wait",
      archiver({ waiting: 9, oldestWaitingSeconds: 20 }),
      `archiving is behind: 9 WAL files wait, the oldest for 20 s, ${onItsVolume}`,
    ],
    [
      "archiving of which a file waits for longer than three times archive_timeout",
      archiver({ waiting: 2, oldestWaitingSeconds: 181 }),
      `archiving is behind: 2 WAL files wait, the oldest for 3 min, ${onItsVolume}`,
    ],
    [
      "a slot that nobody uses",
      {
        serverFacts: async () => ({
          ...serverFacts,
          slots: [
            {
              name: "old",
              type: "physical",
              active: false,
              retainedBytes: 3 * 2 ** 30,
              walStatus: "extended",
            },
          ],
        }),
      },
      "slot old is not in use, and holds back 3 GB of WAL: it is no member's; unless somebody comes back for it, `select pg_drop_replication_slot('old')` on the leader drops it",
    ],
    [
      "a certificate",
      { certificates: async () => [{ part: "m-1", at: "127.0.0.1:1", expires: "2030", daysLeft: 29 }] },
      "the certificate of m-1 expires in 29 days: the next `pulumi up` renews it, and nothing restarts",
    ],
    [
      "the certificate of an S3 server of the user's",
      {
        certificates: async () => [
          { part: "backup.endpoint", at: "127.0.0.1:1", expires: "2030", daysLeft: -1 },
        ],
      },
      "the certificate of backup.endpoint has expired: whoever runs that server renews it",
    ],
    [
      "a volume that is nearly full",
      {
        volumes: async () => [
          { member: "m-1", usedBytes: { known: 8.1 * 2 ** 30 } },
          { member: "m-2", usedBytes: { known: 8 * 2 ** 30 } },
        ],
      },
      "the volume of m-1 has 8.1 GB of the 10 GB that are declared (81 %): raise resources.volume, or remove data",
    ],
  ])("is %s", async (_what, source, sentence) => {
    const report = await look(source, handleOf(cluster, { volumeMib: 10 * 1024 }));
    expect(report.degraded).toEqual([sentence]);
    expect(exitCodeOf(report)).toBe(4);
  });
});

it("archiving that has failed once, or takes a while, is not amiss", async () => {
  const since = { failures: 3, lastFailedWal: "00000001000000000000000A", lastFailedSeconds: 60 };
  const busy = { waiting: 8, oldestWaitingSeconds: 180 };
  expect((await look(archiver({ ...since, ...busy }))).degraded).toEqual([]);
});

function archiver(change: Partial<ServerFacts["archiver"]>): Partial<StatusSources> {
  const changed = { ...serverFacts, archiver: { ...serverFacts.archiver, ...change } };
  return { serverFacts: async () => changed };
}

it("a member that is down is told of once, and not that it shows no certificate", async () => {
  cluster.stopMember("m-2");
  const shown = { expires: null, daysLeft: null };
  const certificates = async () => [
    { part: "m-2", at: "127.0.0.1:2", ...shown },
    { part: "m-3", at: "127.0.0.1:3", ...shown },
  ];
  const { degraded } = await look({ certificates });
  expect(degraded).toEqual(["m-2 is stopped", "m-3 shows no certificate at 127.0.0.1:3"]);
});

describe("a last base backup", () => {
  const schedule = "0 1 * * *";

  async function lookAfter(hours: number, line: string | undefined = schedule) {
    const plain = handleOf(cluster);
    const now = () => new Date(Date.parse("2030-01-01T01:05:00.500Z") + hours * 3_600_000);
    const handle = { ...plain, archive: { ...plain.archive, schedule: line } };
    return await status(handle, { sources: well, record: false, now });
  }

  it("that is older than one and a half times what its schedule leaves between two is degraded", async () => {
    expect(await lookAfter(35)).toMatchObject({ backups: { everyMinutes: 1440 }, degraded: [] });
    expect((await lookAfter(37)).degraded).toEqual([
      "the last good base backup is 37 h old, and there is to be one every 24 h: `spiloctl backup now` says what it fails by",
    ]);
    expect((await lookAfter(9 * 24, "0 1 * * 0")).degraded).toEqual([]);
  });

  it("may be of any age where nobody knows the schedule", async () => {
    const plain = handleOf(cluster);
    const now = () => new Date("2031-01-01T00:00:00Z");
    const report = await status(plain, { sources: well, record: false, now });
    expect(report).toMatchObject({ backups: { everyMinutes: null }, degraded: [] });
  });
});

describe("a source that fails", () => {
  it("is unknown with the reason, and the rest is told", async () => {
    const report = await look({ backups: () => Promise.reject(new Error("the bucket is locked")) });
    expect(report).toMatchObject({ haState: "Healthy", backups: null, degraded: [] });
    expect(report.unknown).toEqual([{ what: "base backups", reason: "the bucket is locked" }]);
    expect(exitCodeOf(report)).toBe(4);
  });

  it("is unknown when it does not answer in time", async () => {
    await look(); // what asks is loaded with the first question
    const hangs = { serverFacts: () => new Promise<ServerFacts>(() => undefined) };
    const report = await look(hangs, handleOf(cluster), 1000);
    expect(report.slots).toBeNull();
    expect(report.unknown).toEqual([{ what: "slots and archiving", reason: "no answer within 1 s" }]);
  });

  it("leaves the holder open when the one who is silent may be it", async () => {
    const silent = { proxy: "proxy-2", holds: { unknown: "the engine does not answer" } };
    const { endpoint, unknown } = await look({
      holders: async () => [{ proxy: "proxy-1", holds: { known: false } }, silent],
    });
    expect(endpoint.holders).toBeNull();
    expect(unknown).toEqual([
      { what: "whether proxy-2 holds the address", reason: "the engine does not answer" },
    ]);
  });

  it("is every member: nobody can be reached", async () => {
    await cluster.stop();
    const report = await look();
    expect(report).toMatchObject({ haState: null, leader: null, paused: null });
    expect(report.members.map(({ answers }) => answers)).toEqual([false, false, false]);
    expect(exitCodeOf(report)).toBe(7);
  });
});
