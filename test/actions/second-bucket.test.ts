import { expect, it } from "vitest";
import { readSecond } from "../../actions/archive/second.ts";
import type { StoreAccess } from "../../actions/object-store.ts";
import { degradationsOf } from "../../actions/status/degraded.ts";
import type { StatusFacts } from "../../actions/status/report.ts";
import { listBackups } from "../../actions/verbs/list-backups.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { Bucket, backupInfo } from "./bucket.ts";
import { handleOf } from "./test-handle.ts";

const prefix = "spilo/orders/1a2b3c4d/wal/17";
const now = new Date("2030-01-01T03:00:00Z");

/** Two buckets, of which the second one has what came to the first by two o'clock, and got it ten minutes later. */
function world() {
  const [first, copy] = [new Bucket(), new Bucket()];
  for (const bucket of [first, copy]) {
    bucket.put(`${prefix}/base/20300101T010000/backup.info`, backupInfo("2030-01-01"));
    bucket.put(`${prefix}/base/20300101T010000/data.tar.gz`, 800);
  }
  const wal = (bucket: Bucket, number: number, at: string) => {
    const name = `00000001000000000000000${number}`;
    bucket.put(`${prefix}/wals/${name.slice(0, 16)}/${name}.lz4`, 1, `2030-01-01T${at}Z`);
  };
  for (const [number, at] of [
    [4, "01:01:00"],
    [5, "02:00:00"],
    [6, "02:40:00"],
    [7, "02:59:00"],
  ] as const) {
    wal(first, number, at);
    if (number < 6) wal(copy, number, at.replace(":0", ":1"));
  }
  const { archive } = handleOf(new FakeCluster());
  const second = { ...archive, endpoint: "https://far.example", bucket: "copies" };
  const handle = handleOf(new FakeCluster(), { archive: { ...archive, second } });
  const open = async ({ endpoint }: StoreAccess) => (endpoint === second.endpoint ? copy : first).store;
  return { first, copy, handle, open };
}

it("lacks what only the first one has, and reaches as far as the WAL in it, not as late as it came", async () => {
  const { handle, open } = world();
  expect(await readSecond(handle, now, open)).toMatchObject({
    ...{ bucket: "copies", lastWal: "000000010000000000000005", waiting: 2, oldestWaitingSeconds: 1200 },
    ...{ count: 1, last: { name: "base_000000010000000000000004" } },
    window: { from: "2030-01-01T01:05:00.500Z", to: "2030-01-01T02:00:00.000Z" },
  });
});

it("says what it has itself when the first one does not answer, and fails when it does not", async () => {
  const { first, copy, handle, open } = world();
  first.failure = new Error("gone");
  expect(await readSecond(handle, now, open)).toMatchObject({
    waiting: null,
    oldestWaitingSeconds: null,
    count: 1,
  });
  copy.failure = new Error("gone as well");
  await expect(readSecond(handle, now, open)).rejects.toThrow("gone as well");
});

it("is nothing to look at for a cluster without one, and refused to be listed", async () => {
  const { open } = world();
  const handle = handleOf(new FakeCluster());
  expect(await readSecond(handle, now, open)).toBeNull();
  await expect(listBackups(handle, { second: true, openStore: open })).rejects.toThrow(/no second bucket/);
});

it("is listed by itself", async () => {
  const { first, handle, open } = world();
  first.failure = new Error("gone");
  expect(await listBackups(handle, { second: true, openStore: open })).toMatchObject({
    ...{ bucket: "copies", backups: [{ name: "base_000000010000000000000004" }], gaps: [] },
  });
});

it.each([
  ["is behind by what waits for longer than three timeouts", {}, /lacks 2 WAL files, the oldest for 20 min/],
  ["is not behind by what has just come", { oldestWaitingSeconds: 50 }, undefined],
  [
    "lacks the newest base backup for too long",
    { waiting: 0, oldestWaitingSeconds: null, last: null },
    /base_0/,
  ],
])("%s", async (_what, change, said) => {
  const { handle, open } = world();
  const second = { ...(await readSecond(handle, now, open)), ...change } as StatusFacts["second"];
  const last = (await listBackups(handle, { openStore: open })).backups[0];
  const facts = { second, backups: { count: 1, last }, observedAt: now.toISOString(), archive: null };
  const empty = {
    members: [],
    replicas: [],
    declaredSlots: null,
    follows: null,
    etcd: [],
    certificates: [],
    volumes: [],
    slots: [],
    placement: null,
  };
  const endpoint = { hosts: [], holders: [] };
  const synchronous = { asked: 0, now: 0 };
  const all = { ...facts, ...empty, endpoint, synchronous, leader: "m-1", haState: "Healthy" };
  const told = degradationsOf(all as unknown as StatusFacts).filter((text) => text.includes("second bucket"));
  expect(told).toEqual(said === undefined ? [] : [expect.stringMatching(said)]);
});
