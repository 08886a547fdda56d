import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, readPartFiles } from "../../actions/engine/part-files.ts";
import { etcdClient } from "../../actions/etcd/etcd-client.ts";
import { observeVoters } from "../../actions/status/voters.ts";
import { newVoterHasJoined } from "../../actions/voters/has-joined.ts";
import { etcdMembership } from "../../actions/voters/membership.ts";
import { voterTools } from "../../actions/voters/tools.ts";
import { docker, eventually } from "./stage.ts";
import { passwords, prefix, startThreeVoters, type ThreeVoters } from "./three-voters.ts";

type Place = ThreeVoters["moved"];

let three: ThreeVoters;
/** Two that stay, the third, and the one that it is in another zone. */
let first: Place;
let second: Place;
let third: Place;
let moved: Place;

beforeAll(async () => {
  three = await startThreeVoters();
  moved = three.moved;
  [first = moved, second = moved, third = moved] = three.voters;
  await keys(first).putIfUnchanged(`${prefix}before`, "kept", 0);
}, 300_000);

afterAll(async () => three?.remove());

/** A client that asks this voter only. */
function keys({ url }: Place) {
  const login = { user: "patroni", password: passwords.user };
  return etcdClient({ endpoints: [url], access: three.access, login });
}

/**
 * What a voter's first container is awaited with.
 *
 * @param last the third one as declared, and where it would stand otherwise.
 * @returns what was told.
 */
async function make({ name: voter }: Place, [last, other]: readonly [Place, Place]): Promise<string[]> {
  const lines: string[] = [];
  const told = (text: string) => lines.push(text);
  const { access } = three;
  const voters = [first, second, last];
  const tools = voterTools({ voters, files: three.filesOf(voter), file: "etcd.yml" });
  const options = {
    ...{ voter, voters, access, instead: voter === last.name ? [other.peerUrl] : ["https://10.9.9.9:2380"] },
    rootPasswords: [passwords.root],
    configuration: three.configurationOf(voter),
    narrator: { note: told, warn: told },
    deadlineMs: 60_000,
  };
  await newVoterHasJoined(options, tools);
  return lines;
}

/** These vote and nobody else is counted; they are healthy and have the data. */
async function expectWhole(last: Place): Promise<void> {
  const voters = [first, second, last];
  const endpoints = [first.url, second.url];
  const list = await etcdMembership({ endpoints, access: three.access, rootPasswords: [passwords.root] });
  const members = (await list.list()).map(({ name, learner, peerUrls }) => ({ name, learner, peerUrls }));
  expect(new Set(members)).toEqual(
    new Set(voters.map(({ name, peerUrl }) => ({ name, learner: false, peerUrls: [peerUrl] }))),
  );
  const reports = await observeVoters({ voters, access: three.access });
  expect(reports.map(({ reason }) => reason)).toEqual([null, null, null]);
  for (const voter of voters) expect((await keys(voter).get(`${prefix}before`)).value).toBe("kept");
  const files = await readPartFiles(three.filesOf(last.name));
  expect(files?.["etcd.yml"]).toEqual(digestOf(three.configurationOf(last.name), 0o644));
}

/** Its container's log says so, within 30 s. */
async function says({ name }: Place, text: string): Promise<true> {
  return eventually(`${name} says ${text}`, 30_000, async () => {
    const { all } = await execa("docker", ["logs", name], { all: true });
    return all.includes(text) || undefined;
  });
}

const startedAt = ({ name }: Place) => docker(["inspect", "--format", "{{.State.StartedAt}}", name]);
const removed = "the member has been permanently removed from the cluster";

describe("a voter's first container", () => {
  test("is let pass when etcd has counted on it from the beginning", async () => {
    const before = await startedAt(second);
    expect(await make(second, [third, moved])).toEqual([]);
    expect(await startedAt(second)).toBe(before);
    await expectWhole(third);
  });

  test("takes the place of one that is gone with its zone", async () => {
    await docker(["kill", third.name]);
    await three.start(moved.name);
    expect(await make(moved, [moved, third])).toEqual([
      `${moved.name} takes the place of ${third.name}, which is removed from etcd`,
    ]);
    await expectWhole(moved);
  }, 90_000);

  test("takes its place again on the data that it had, from one that still runs", async () => {
    await docker(["start", third.name]);
    await says(third, removed);
    expect(await make(third, [third, moved])).toEqual([
      `${third.name} takes the place of ${moved.name}, which is removed from etcd`,
    ]);
    await expectWhole(third);
    await says(moved, removed);
    expect(await make(third, [third, moved])).toEqual([]);
  }, 90_000);
});
