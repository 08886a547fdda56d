import { expect, it } from "vitest";
import { followsText } from "../../actions/cli/follows-text.ts";
import { followedBy } from "../../actions/standby/followed.ts";
import { followingDegradations, followsReport } from "../../actions/status/following.ts";
import { haStateOf } from "../../cluster/running/ha-state.ts";

const host = "10.1.0.10:5000";
const well = { streams: true, lagBytes: 4096, heardSeconds: 0.3, lastCommitSeconds: 4 };
const cutOff = { streams: false, lagBytes: null, heardSeconds: null, lastCommitSeconds: 400 };
const followed = { host, archive: false, inWords: host };

it.each([
  [{}, undefined],
  [{ standby_cluster: null }, undefined],
  [{ standby_cluster: { create_replica_methods: ["basebackup"] } }, undefined],
  [{ standby_cluster: { host: "10.1.0.10", port: 5000 } }, followed],
  [
    { standby_cluster: { host: "10.1.0.10" } },
    { host: "10.1.0.10:5432", archive: false, inWords: "10.1.0.10:5432" },
  ],
  [{ standby_cluster: { restore_command: "x" } }, { host: null, archive: true, inWords: "an archive" }],
])("what is followed is what Patroni takes for it: %j", (config, expected) => {
  expect(followedBy(config)).toEqual(expected);
});

it("is told with how far behind it is", () => {
  expect(followsText({ ...followed, source: well })).toBe(
    "10.1.0.10:5000, streaming, 4 kB behind, heard 0.3 s ago, last commit 4 s ago",
  );
  expect(followsText({ ...followed, source: cutOff })).toBe(
    "10.1.0.10:5000, not streaming, last commit 7 min ago",
  );
  expect(followsText({ ...followed, source: null })).toBe("10.1.0.10:5000, unknown");
});

it.each([
  [well, []],
  [cutOff, ["nothing is received from 10.1.0.10:5000: what is written there is not here"]],
  [{ ...well, heardSeconds: 90 }, ["10.1.0.10:5000 was heard last 90 s ago"]],
])("is degraded when nothing is heard: %j", (source, sentences) => {
  expect(followingDegradations({ leader: "m-1", follows: { ...followed, source } })).toEqual(sentences);
});

it("is not, when it follows an archive alone, or nobody", () => {
  const archive = { host: null, archive: true, inWords: "an archive", source: cutOff };
  expect(followingDegradations({ leader: "m-1", follows: archive })).toEqual([]);
  expect(followingDegradations({ leader: "m-1", follows: followsReport(null, undefined) })).toEqual([]);
});

it("is healthy with its own standbys, none of which is synchronous", () => {
  const members = [
    { name: "m-1", role: "standby_leader", state: "running" },
    { name: "m-2", role: "replica", state: "streaming", lagBytes: 0 },
  ];
  expect(haStateOf({ declared: ["m-1", "m-2"], synchronousStandbys: 0, members })).toBe("Healthy");
});
