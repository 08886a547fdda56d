import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { clearLeftovers } from "../../testing/clear-leftovers.ts";
import { makeStack } from "../../testing/test-stack.ts";
import { withCluster } from "../../testing/with-cluster.ts";
import { preparePulumi } from "../../toolchain/prepare.ts";
import { engine, leftVolume, mark, ownerOf, removeStanding, standing } from "./abandoned.ts";

/** What becomes of a test's cluster that cannot be taken away as a destruction does: stand-ins on the real engine. */
const project = "spilo-test";
const of = ownerOf("of-a-test", { project });
const marker = `volume ${of.cluster}-marker-${of.incarnation}`;
const first = { endpoint: "https://s3.example", region: "us-east-1", bucket: "wal", prefix: "spilo/x" };
const second = { ...first, endpoint: "https://far.example", bucket: "copy" };

beforeAll(async () => {
  await preparePulumi();
}, 120_000);

afterEach(async () => {
  await removeStanding();
});

/** As on a machine without Pulumi. */
async function withoutPulumi<T>(work: () => Promise<T>): Promise<T> {
  const before = process.env["PATH"];
  process.env["PATH"] = "/nowhere";
  return await work().finally(() => {
    process.env["PATH"] = before;
  });
}

describe("what a destruction has left of a test's cluster", () => {
  it.each([
    ["a first bucket", [first], "s3://wal/spilo/x at https://s3.example stays"],
    ["a second one alone", [second], "s3://copy/spilo/x at https://far.example stays"],
    ["both", [first, second], "at https://s3.example and s3://copy/spilo/x at https://far.example stays"],
  ])("goes, but for the marker of one that has backups in %s", async (_title, archives, places) => {
    await mark(of, { archives });
    await leftVolume(of);
    const stays = await clearLeftovers({ project, stack: of.stack }, {});
    expect(stays).toContain(places);
    expect(stays).toContain(
      `with the volume ${of.cluster}-marker-${of.incarnation} on ${engine}: when its ttl`,
    );
    expect(await standing()).toEqual([marker]);
  });

  it("goes whole when it has none, and nobody else's does", async () => {
    const other = ownerOf("of-another", { project });
    await mark(of);
    await leftVolume(of);
    await mark(other);
    expect(await clearLeftovers({ project, stack: of.stack }, {})).toBeUndefined();
    expect(await standing()).toEqual([`volume ${other.cluster}-marker-${other.incarnation}`]);
  });
});

it("says what stays when a stack cannot be destroyed, and leaves no folder", async () => {
  const stack = await makeStack(of.stack);
  await expect(stack.up({ name: "No Name" })).rejects.toThrow();
  await mark(of, { archives: [first] });
  await expect(withoutPulumi(() => stack.takeAway())).rejects.toThrow(/its destruction has failed, .* stays/);
  expect(await standing()).toEqual([marker]);
  await expect(access(dirname(stack.caFile))).rejects.toThrow(/ENOENT/);
});

it("listens to no signal any more when there is no Pulumi", async () => {
  const listening = () => ["SIGINT", "SIGTERM"].map((signal) => process.listenerCount(signal));
  const before = listening();
  await expect(withoutPulumi(() => withCluster({}, async () => undefined))).rejects.toThrow();
  expect(listening()).toEqual(before);
});
