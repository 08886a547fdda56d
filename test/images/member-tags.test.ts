import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { ActionError } from "../../actions/action-error.ts";
import { containerExec } from "../../actions/engine/container-exec.ts";
import { memberTags, setMemberTags } from "../../actions/patroni/member-tags.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { type ClusterOfOne, leads, startClusterOfOne } from "./cluster-of-one.ts";
import { docker, eventually, root } from "./stage.ts";

let one: ClusterOfOne;
let name: string;

beforeAll(async () => {
  one = await startClusterOfOne("tags");
  name = one.stage.nameOf("member");
}, 300_000);

afterAll(() => one?.stage.remove());

const url = "https://member:8008";
const exec = containerExec("unix:///var/run/docker.sock");

/** Asks the only member, wherever that one is. */
const patroni = patroniClient({
  access: { ca: "", certificate: "", privateKey: "" },
  fetch: async (asked, { method }) => {
    try {
      return await one.ask(asked.slice(url.length), { method });
    } catch (error) {
      throw new ActionError("unreachable", "the member does not answer", { cause: error });
    }
  },
});

function set(nosync: boolean): Promise<void> {
  const options = { member: name, container: name, restUrl: url, tags: { nosync }, deadlineMs: 40_000 };
  return setMemberTags(options, { exec, patroni });
}

const file = "/run/postgres.yml";

async function inContainer(...command: readonly string[]): Promise<string> {
  return (await exec(name, command, { user: "root", timeoutMs: 10_000 })).output.trim();
}

async function configuration(): Promise<{ readonly tags: unknown; readonly others: object }> {
  const { tags, ...others } = parse(await inContainer("cat", file));
  return { tags, others };
}

/** What Patroni has been told and all that is to stay as it was: owner and mode of the file, and the server's start. */
async function whole() {
  const ownership = await inContainer("stat", "--format", "%U %G %a", file);
  return {
    ...(await configuration()),
    ownership,
    started: await one.sql("SELECT pg_postmaster_start_time()"),
  };
}

const tagsSaid = async () => (await patroni.member(url)).tags;
/** A file that is replaced has another one. */
const inode = () => inContainer("stat", "--format", "%i", file);

test("a tag comes and goes by a reload, and nothing else changes", async () => {
  const before = await whole();
  expect([before.tags, await memberTags({ restUrl: url }, patroni)]).toEqual([undefined, { nosync: false }]);
  await set(true);
  expect(await tagsSaid()).toEqual({ nosync: true });
  expect((await patroni.cluster(url)).members).toMatchObject([{ name, tags: { nosync: true } }]);
  expect(await whole()).toEqual({ ...before, tags: { nosync: true } });
  await set(false);
  expect(await tagsSaid()).toBeUndefined();
  expect(await whole()).toEqual(before);
});

test("what is so already is not written again", async () => {
  await set(true);
  const before = await inode();
  await set(true);
  expect(await inode()).toBe(before);
});

test("a container that is restarted has it still", async () => {
  await set(true);
  await docker(["restart", "--time", "60", name]);
  await eventually("the member leads again", 60_000, () => leads(one));
  expect([await tagsSaid(), (await configuration()).tags]).toEqual([{ nosync: true }, { nosync: true }]);
  await set(false);
  expect(await memberTags({ restUrl: url }, patroni)).toEqual({ nosync: false });
});

test("it is set while the container is starting", async () => {
  await docker(["stop", "--time", "60", name]);
  await Promise.all([set(true), docker(["start", name])]);
  expect(await tagsSaid()).toEqual({ nosync: true });
  await set(false);
});

test("tags of others stay", async () => {
  const script = await readFile(join(root, "actions/patroni/set-tags.py"), "utf8");
  const theirs = JSON.stringify({ clonefrom: true, region: "north" });
  await exec(name, ["python3", "-", theirs], { user: "root", timeoutMs: 10_000, input: script });
  await set(true);
  expect(await tagsSaid()).toEqual({ clonefrom: true, region: "north", nosync: true });
  await set(false);
  expect(await tagsSaid()).toEqual({ clonefrom: true, region: "north" });
});
