import { afterAll, beforeAll, expect, it } from "vitest";
import type { SweptCluster } from "../../actions/index.ts";
import { sweep } from "../../actions/index.ts";
import { silent } from "../../actions/verbs/verb.ts";
import type { MarkedOwner } from "../../cluster/leases/marker.ts";
import { preparePulumi } from "../../toolchain/prepare.ts";
import { Bucket } from "../actions/bucket.ts";
import { ensureTinyImage } from "../conformance/tiny-image.ts";
import { FakeEngine } from "../provider/fake-engine.ts";
import * as abandoned from "./abandoned.ts";
import { container, leftVolume, mark, member, ownerOf, PREFIX, someLabelsOf, standing } from "./abandoned.ts";
import { spiloctl } from "./run-sweep.ts";

/** Twenty clusters that are abandoned, beside five that live and what is nobody's business. */
const gone: readonly MarkedOwner[] = Array.from({ length: 20 }, (_, index) => ownerOf(`gone-${index + 1}`));
const [first = ownerOf("none"), second = first, third = first] = gone;
const again: MarkedOwner = { ...first, incarnation: "99999999" };
const live = ["live-1", "live-2", "live-3", "live-4", "live-5"].map((cluster) => ownerOf(cluster));

/** Of the clusters that single tests make. */
const OTHER = `${PREFIX}-other`;

let backend: Awaited<ReturnType<typeof abandoned.ownBackend>>;
/** What has to stand in the end. */
let staying: readonly string[];
let foreign: readonly string[];

beforeAll(async () => {
  await ensureTinyImage();
  await preparePulumi();
  backend = await abandoned.ownBackend();
  await makeStaying();
  staying = await standing();
  for (const [index, of] of gone.entries()) await abandon(of, index);
}, 300_000);

afterAll(async () => {
  await abandoned.removeStanding();
  await backend.dispose();
}, 120_000);

it("lists what is to go, with why, and touches nothing", async () => {
  const before = await standing();
  const { clusters, exitCode } = await spiloctl("sweep");
  expect(exitCode).toBe(0);
  expect(namesOf(clusters, "to be removed")).toEqual(gone.map(({ cluster }) => cluster).sort());
  expect(Object.fromEntries(clusters.filter(isKept).map((one) => [nameOf(one), one.verdict]))).toEqual({
    "live-1": "lives",
    "live-2": "unlimited",
    "live-3": "protected",
    "live-4": "unmarked",
    "live-5": "expired",
    "gone-1": "lives",
  });
  const elsewhere = clusters.find((one) => nameOf(one) === "live-5");
  expect(elsewhere?.why).toMatch(/it is on 2 engines, of which 1 was asked: name all with --engine$/);
  expect(clusters.find(({ cluster }) => cluster === second.cluster)).toMatchObject({
    owner: "team a",
    why: expect.stringMatching(/^its time to live ended at 2\d{3}-/),
    ...{ containers: 1, volumes: 1 },
  });
  expect(await standing()).toEqual(before);
});

it("removes exactly the twenty, whole, with the states that are there", { timeout: 300_000 }, async () => {
  const { clusters, exitCode } = await spiloctl("sweep", "--yes");
  expect(exitCode).toBe(0);
  expect(namesOf(clusters, "removed")).toEqual(gone.map(({ cluster }) => cluster).sort());
  expect(await standing()).toEqual(staying);
  expect(await backend.stacks()).toEqual(["gone-1", "gone-19", "gone-3", "live-1"]);
  expect(await backend.resourcesOf(ownerOf("gone-19"))).toEqual(["pulumi:pulumi:Stack", "my:index:Thing"]);
  const toldOf = (of: MarkedOwner) =>
    clusters.find((one) => one.cluster === of.cluster && one.outcome === "removed")?.told;
  expect(toldOf(second)).toEqual([
    `1 containers, 1 volumes, 1 networks removed from ${abandoned.engine}`,
    `no stack ${PREFIX}/gone-2 in this backend`,
  ]);
  for (const of of [first, third]) {
    const left = `stack organization/${PREFIX}/${of.stack} is left: its state is of another life`;
    expect(toldOf(of)?.at(-1)).toBe(left);
    expect(await backend.resourcesOf(of)).toContain("spilo:index:SpiloCluster");
  }
  expect(toldOf(ownerOf("gone-20"))?.at(-1)).toBe(`stack organization/${PREFIX}/gone-20 removed`);
  expect(toldOf(ownerOf("gone-19"))?.at(-1)).toMatch(/^taken out of stack .*gone-19, which has more$/);
});

it("finds nothing more to remove afterwards", async () => {
  const { clusters } = await spiloctl("sweep", "--yes");
  expect(clusters.filter(({ outcome }) => outcome !== "kept")).toEqual([]);
  expect(await standing()).toEqual(staying);
  expect(foreign.every((name) => staying.includes(name))).toBe(true);
});

it("removes two expired lives of one cluster, and with the last of them their network", async () => {
  const project = `${PREFIX}-lives`;
  const lives = ["1a2b3c4d", "99999999"].map((incarnation) => ownerOf("twice", { project, incarnation }));
  for (const of of lives) {
    await mark(of);
    await leftVolume(of);
  }
  await abandoned.network(ownerOf("twice", { project }));
  const asked: string[] = [];
  const findState = async ({ incarnation }: MarkedOwner) => {
    asked.push(incarnation);
    return abandoned.noState;
  };
  const options = { engines: [abandoned.engine], project, remove: true, findState };
  const { clusters } = await sweep(options, silent);
  expect(clusters.map(({ told }) => told[0])).toEqual([
    `0 containers, 1 volumes, 0 networks removed from ${abandoned.engine}`,
    `0 containers, 1 volumes, 1 networks removed from ${abandoned.engine}`,
  ]);
  expect(asked).toEqual(["1a2b3c4d", "99999999"]);
  expect((await standing()).filter((name) => name.includes("twice"))).toEqual([]);
});

it("ends a removal that was interrupted when one engine had nothing of the cluster any more", async () => {
  const emptied = await new FakeEngine().start();
  const of = ownerOf("two-engines", { project: `${PREFIX}-engines` });
  await mark(of, { engines: [emptied.host, abandoned.engine] });
  await leftVolume(of);
  const sweepOn = async (...engines: string[]) => {
    const findState = async () => abandoned.noState;
    return (await sweep({ engines, project: of.project, remove: true, findState }, silent)).clusters;
  };
  expect(await sweepOn(abandoned.engine)).toMatchObject([
    { outcome: "kept", why: expect.stringContaining(`it is on ${emptied.host} as well`) },
  ]);
  expect(await sweepOn(abandoned.engine, emptied.host)).toMatchObject([{ outcome: "removed" }]);
  expect((await standing()).filter((name) => name.includes("two-engines"))).toEqual([]);
  await emptied.stop();
});

it("leaves one whose time was counted anew while another one was removed", async () => {
  const [one, other] = ["a", "b"].map((cluster) => ownerOf(cluster, { project: OTHER }));
  if (one === undefined || other === undefined) throw new Error("there are two");
  for (const of of [one, other]) await mark(of);
  const drop = async () => {
    await mark(other, { since: new Date().toISOString() });
    return "no state";
  };
  const findState = async () => ({ drop });
  const options = { engines: [abandoned.engine], project: OTHER, remove: true, findState };
  const { clusters } = await sweep(options, silent);
  expect(clusters.map(({ outcome, told }) => [outcome, told])).toEqual([
    ["removed", ["no state"]],
    ["kept", ["its marker has changed since it was looked at"]],
  ]);
});

it("tells of one that cannot be removed, and goes on with the next", async () => {
  const archive = {
    endpoint: "https://s3.example",
    region: "us-east-1",
    bucket: "shop-wal",
    prefix: "spilo/x",
  };
  const [locked, next] = ["c", "d"].map((cluster) => ownerOf(cluster, { project: OTHER }));
  if (locked === undefined || next === undefined) throw new Error("there are two");
  await mark(locked, { archives: [archive] });
  await leftVolume(locked);
  await mark(next);
  const { clusters, exitCode } = await spiloctl("sweep", "--yes", "--project", OTHER);
  expect(exitCode).toBe(1);
  const expired = clusters.filter(({ verdict }) => verdict === "expired");
  expect(expired.map(({ outcome }) => outcome)).toEqual(["failed", "removed"]);
  expect(expired[0]?.told).toEqual([
    "its backups are in shop-wal at https://s3.example: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; nothing of it was touched",
  ]);
  expect(await standing()).toContain(`volume ${locked.cluster}-2-data-1a2b3c4d`);
});

it("leaves one whole whose state cannot be read", async () => {
  const of = ownerOf("f", { project: `${PREFIX}-states` });
  await mark(of);
  await leftVolume(of);
  const before = await standing();
  const findState = () => Promise.reject(new Error("pulumi stack export: no passphrase"));
  const options = { engines: [abandoned.engine], project: of.project, remove: true, findState };
  const { clusters } = await sweep(options, silent);
  expect(clusters.map(({ outcome, told }) => [outcome, told])).toEqual([
    ["failed", ["pulumi stack export: no passphrase"]],
  ]);
  expect(await standing()).toEqual(before);
});

it("leaves one whole whose state was counted later: it runs on other engines", async () => {
  const of = ownerOf("g", { project: `${PREFIX}-moved` });
  await mark(of);
  await leftVolume(of);
  const before = await standing();
  const since = new Date().toISOString();
  const findState = async () => ({ ...abandoned.noState, since });
  const options = { engines: [abandoned.engine], project: of.project, remove: true, findState };
  const { clusters } = await sweep(options, silent);
  expect(clusters.map(({ outcome, told }) => [outcome, told])).toEqual([
    ["kept", [`its marker here is an old one: by its state it is counted from ${since} on`]],
  ]);
  expect(await standing()).toEqual(before);
});

it("removes what a cluster has in buckets of others, and nothing else there", async () => {
  const bucket = new Bucket().put("spilo/x/wal/1", 1).put("spilo/x/base/2", 1).put("spilo/xy/wal/1", 1);
  const archive = {
    endpoint: "https://s3.example",
    region: "us-east-1",
    bucket: "shop-wal",
    prefix: "spilo/x",
  };
  await mark(ownerOf("e", { project: `${PREFIX}-buckets` }), { archives: [archive] });
  const { clusters } = await sweep(
    {
      engines: [abandoned.engine],
      project: `${PREFIX}-buckets`,
      remove: true,
      key: { accessKey: "key", secretKey: "secret" },
      findState: async () => abandoned.noState,
      openStore: async () => bucket.store,
    },
    silent,
  );
  expect(clusters.map(({ told }) => told)).toEqual([
    ["2 objects removed from s3://shop-wal/spilo/x", "no state"],
  ]);
  expect([...bucket.objects.keys()]).toEqual(["spilo/xy/wal/1"]);
});

/** In five ways: whole, stopped, without containers, with no more than its marker, with a volume that no part has. */
async function abandon(of: MarkedOwner, index: number): Promise<void> {
  // Some were made by an earlier version.
  await mark(of, index % 2 === 0 ? {} : { engines: 1, engine: undefined });
  switch (index % 5) {
    case 0:
    case 1:
      // The first one has had its successor come up before it was swept, and shares the network with that.
      if (index > 0) await member(of);
      else await leftVolume(of);
      break;
    case 2:
      await member(of, { runs: false });
      break;
    case 3:
      await leftVolume(of);
      break;
  }
  // All others have lost their state.
  if (index >= 18) await backend.stack(of, index === 18 ? [dependent(of)] : []);
}

/** Something else in the stack that can be made only when the cluster is there. */
function dependent({ project, stack }: MarkedOwner): object {
  const cluster = `urn:pulumi:${stack}::${project}::spilo:index:SpiloCluster::orders`;
  return { dependencies: [cluster], propertyDependencies: { uri: [cluster] }, deletedWith: cluster };
}

async function makeStaying(): Promise<void> {
  const [limited = first, forEver = first, guarded = first, unmarked = first, wide = first] = live;
  await mark(limited, { since: new Date().toISOString() });
  await mark(forEver, { ttlSeconds: undefined });
  await mark(guarded, { protected: true });
  await mark(wide, { engines: 2, engine: undefined });
  for (const of of [limited, forEver, guarded, unmarked, wide]) await member(of);
  await mark(again, { since: new Date().toISOString() });
  await member(again);
  await backend.stack(limited);
  // Two that were made again: one here, and one on an engine that nobody asks.
  await backend.stack(again);
  await backend.stack({ ...third, incarnation: "99999999" });
  await container(`${PREFIX}-foreign-1`, {});
  await container(`${PREFIX}-foreign-2`, { "com.example.project": PREFIX });
  await container(`${PREFIX}-foreign-3`, someLabelsOf(second));
  await container(`${second.cluster}-9`, { "pulumi-spilo.part": "helper" });
  await abandoned.volume(`${second.cluster}-9-data-1a2b3c4d`, {});
  foreign = (await standing()).filter((name) => /foreign|-9/.test(name));
}

function namesOf(clusters: readonly SweptCluster[], outcome: SweptCluster["outcome"]): readonly string[] {
  return clusters
    .filter((one) => one.outcome === outcome)
    .map(({ cluster }) => cluster)
    .sort();
}

function isKept({ outcome }: SweptCluster): boolean {
  return outcome === "kept";
}

function nameOf({ cluster }: SweptCluster): string {
  return cluster.slice(PREFIX.length + 1);
}
