import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, readPartFiles } from "../../actions/engine/part-files.ts";
import { etcdClient } from "../../actions/etcd/etcd-client.ts";
import { observeVoters } from "../../actions/status/voters.ts";
import { voterContainer } from "../../actions/voters/container.ts";
import { type VoterHasJoinedOptions, voterHasJoined } from "../../actions/voters/has-joined.ts";
import { type EtcdMembership, etcdMembership } from "../../actions/voters/membership.ts";
import { voterTools } from "../../actions/voters/tools.ts";
import { docker, eventually } from "./stage.ts";
import { passwords, prefix, startThreeVoters, type ThreeVoters } from "./three-voters.ts";

let three: ThreeVoters;
let names: readonly [string, string, string];
/** What was told. */
let lines: string[];

beforeAll(async () => {
  three = await startThreeVoters();
  const [one = "", two = "", last = ""] = three.voters.map(({ name }) => name);
  names = [one, two, last];
  await keys().putIfUnchanged(`${prefix}before`, "kept", 0);
}, 300_000);

afterAll(async () => three?.remove());

/** A client that asks these voters only. */
function keys(...voters: readonly string[]) {
  const asked = three.voters.filter(({ name }) => voters.length === 0 || voters.includes(name));
  const login = { user: "patroni", password: passwords.user };
  return etcdClient({ endpoints: asked.map(({ url }) => url), access: three.access, login });
}

function membership(...without: readonly string[]): Promise<EtcdMembership> {
  const endpoints = three.voters.filter(({ name }) => !without.includes(name)).map(({ url }) => url);
  return etcdMembership({ endpoints, access: three.access, rootPasswords: [passwords.root] });
}

async function join(voter: string, change: Partial<VoterHasJoinedOptions> = {}): Promise<void> {
  lines = [];
  const configuration = three.configurationOf(voter);
  const { voters, access } = three;
  const told = (text: string) => lines.push(text);
  const narrator = { note: told, warn: told };
  const options = { voter, voters, access, rootPasswords: [passwords.root], configuration, narrator };
  const tools = voterTools({ voters, files: three.filesOf(voter), file: "etcd.yml" });
  await voterHasJoined({ ...options, deadlineMs: 60_000, ...change }, tools);
}

/** All of them vote and are healthy, have the data, and the files of the one in question are as declared. */
async function expectWhole(voter: string): Promise<void> {
  const members = await (await membership()).list();
  expect(members.map(({ name, learner }) => ({ name, learner })).sort(byName)).toEqual(
    names.map((name) => ({ name, learner: false })),
  );
  const reports = await observeVoters(three);
  expect(reports.map(({ name, reason }) => ({ name, reason }))).toEqual(
    names.map((name) => ({ name, reason: null })),
  );
  for (const name of names) expect((await keys(name).get(`${prefix}before`)).value).toBe("kept");
  const files = await readPartFiles(three.filesOf(voter));
  expect(files?.["etcd.yml"]).toEqual(digestOf(three.configurationOf(voter), 0o644));
}

function byName(
  { name: left = "" }: { name: string | undefined },
  right: { name: string | undefined },
): number {
  return left < (right.name ?? "") ? -1 : 1;
}

/** Asks again while etcd elects a leader, or has not seen long enough that its voters are well. */
async function soon<T>(ask: () => Promise<T>): Promise<T> {
  const { answer } = await eventually("etcd answers", 20_000, () =>
    ask().then(
      (answer) => ({ answer }),
      () => undefined,
    ),
  );
  return answer;
}

async function removed(others: EtcdMembership, voter: string): Promise<void> {
  const members = await soon(() => others.list());
  const id = members.find(({ name }) => name === voter)?.id ?? "";
  await soon(() => others.remove(id));
}

/** Its container's log says so, within 20 s. */
async function says(voter: string, text: string): Promise<true> {
  return eventually(`${voter} says ${text}`, 20_000, async () => {
    const { all } = await execa("docker", ["logs", voter], { all: true });
    return all.includes(text) || undefined;
  });
}

describe("a voter whose container was replaced", () => {
  test("votes again on the volume that it had, and nothing else is done", async () => {
    const [, voter] = names;
    const before = await (await membership()).list();
    await docker(["rm", "--force", voter]);
    await three.start(voter);
    await join(voter);
    expect(lines).toEqual([]);
    expect((await (await membership()).list()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    await expectWhole(voter);
  });

  test("starts no other cluster on an empty volume, and joins again", async () => {
    const [, , voter] = names;
    await three.lose(voter);
    await soon(() => keys(names[0]).putIfUnchanged(`${prefix}meanwhile`, "written", 0));
    await three.start(voter);
    await says(voter, "has already been bootstrapped");
    expect(await voterContainer("unix:///var/run/docker.sock", voter).hasData()).toBe(false);
    await join(voter);
    expect(lines).toEqual([`${voter} has no data that etcd knows: it is removed, and joins again`]);
    await expectWhole(voter);
    expect((await keys(voter).get(`${prefix}meanwhile`)).value).toBe("written");
  }, 90_000);
});

describe("a voter that was about to join again when that was cut off", () => {
  test("joins, also when it has started as one of a new cluster meanwhile", async () => {
    const [voter] = names;
    await three.lose(voter);
    const others = await soon(() => membership(voter));
    await removed(others, voter);
    await three.start(voter);
    const container = voterContainer("unix:///var/run/docker.sock", voter);
    await eventually("it has written a log", 20_000, async () => (await container.hasData()) || undefined);
    await join(voter);
    await expectWhole(voter);
  }, 90_000);

  test("joins when it was added already", async () => {
    const [voter] = names;
    await three.lose(voter);
    const others = await soon(() => membership(voter));
    await removed(others, voter);
    const [place] = three.voters;
    await soon(() => others.addLearner(place?.peerUrl ?? ""));
    await three.start(voter);
    await join(voter);
    await expectWhole(voter);
  }, 90_000);
});
