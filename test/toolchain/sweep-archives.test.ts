import { Agent } from "node:https";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { isPassing } from "../../actions/action-error.ts";
import { sweep } from "../../actions/index.ts";
import { objectStore } from "../../actions/object-store.ts";
import { silent } from "../../actions/verbs/verb.ts";
import { waitFor } from "../../actions/wait.ts";
import { archivePrefix } from "../../cluster/index.ts";
import type { MarkedArchive, MarkedOwner } from "../../cluster/leases/marker.ts";
import { preparePulumi } from "../../toolchain/prepare.ts";
import { type S3Server, startS3Server } from "../live/s3-server.ts";
import * as abandoned from "./abandoned.ts";
import { leftVolume, mark, ownerOf, standing } from "./abandoned.ts";
import { spiloctl } from "./run-sweep.ts";

/** What expired clusters have in a bucket of an S3 server that is no cluster's: a real one. */
let server: S3Server | undefined;
let backend: Awaited<ReturnType<typeof abandoned.ownBackend>> | undefined;
const before = { ...process.env };
const bucket = "shared-wal";

const gone = ownerOf("gone");
const live = ownerOf("live");
/** What has to stay of the others, whatever is swept. */
const others = [
  `${prefixOf(live)}/wal_005/000000010000000000000001.lz4`,
  // Another life of the one that goes, a later version of it, another cluster whose name begins like its, and nobody's.
  `${prefixOf({ ...gone, incarnation: "1a2b3c4e" })}/wal_005/1`,
  `${prefixOf(gone)}0/wal_005/1`,
  `${prefixOf({ ...gone, cluster: `${gone.cluster}-2` })}/wal_005/1`,
  "reports/2030.csv",
].sort();

beforeAll(async () => {
  await preparePulumi();
  backend = await abandoned.ownBackend();
  server = await startS3Server("sweep", 19_086);
  const store = await there().open();
  await store.makeBucket(bucket);
  store.close();
  await put(bucket, others);
  await mark(live, { since: new Date().toISOString(), archives: [archiveOf(live)] });
}, 300_000);

beforeEach(() => {
  const { configuration } = there();
  process.env["AWS_ACCESS_KEY_ID"] = configuration["spilo:s3AccessKey"];
  process.env["AWS_SECRET_ACCESS_KEY"] = configuration["spilo:s3SecretKey"];
});

afterEach(() => {
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

afterAll(async () => {
  // Side by side, so that one that fails keeps none of the others from it.
  await Promise.all([server?.remove(), abandoned.removeStanding(), backend?.dispose()]);
}, 120_000);

it("removes exactly what the expired one has in a bucket that it shares, more than a page of it", async () => {
  // A server tells of a thousand at once; some keys have to be escaped.
  const odd = ["with blank", "plus+sign", "ümlaut", "per%cent"].map((name) => `${prefixOf(gone)}/${name}`);
  await put(bucket, [...segments(gone, 1010), ...odd]);
  await abandon(gone);
  const { clusters, exitCode } = await spiloctl("sweep", "--yes");
  expect(exitCode).toBe(0);
  expect(clusters.find(({ cluster }) => cluster === gone.cluster)).toMatchObject({
    outcome: "removed",
    told: [
      `0 containers, 1 volumes, 0 networks removed from ${abandoned.engine}`,
      `1014 objects removed from s3://${bucket}/${prefixOf(gone)}`,
      `no stack ${gone.project}/${gone.stack} in this backend`,
    ],
  });
  expect(await keysIn(bucket)).toEqual(others);
  expect(await standing()).toEqual([`volume ${live.cluster}-marker-${live.incarnation}`]);
});

it("says that the server is away, keeps the marker, and goes on at the next sweep", async () => {
  const of = ownerOf("away");
  await put(bucket, segments(of, 3));
  await abandon(of);
  await there().stop();
  const away = await spiloctl("sweep", "--yes").finally(() => there().start());
  expect(away.exitCode).toBe(1);
  expect(became(away, of)).toMatchObject({
    outcome: "failed",
    told: [expect.stringMatching(/^0 containers, 1 volumes/), expect.stringMatching(/ECONNREFUSED/)],
  });
  await serves();
  await isLeftThenSwept(of, 3);
});

it("says that the key is refused, keeps the marker, and goes on at the next sweep", async () => {
  const of = ownerOf("refused");
  await put(bucket, segments(of, 3));
  await abandon(of);
  const key = process.env["AWS_SECRET_ACCESS_KEY"];
  process.env["AWS_SECRET_ACCESS_KEY"] = "another";
  const refused = await spiloctl("sweep", "--yes");
  process.env["AWS_SECRET_ACCESS_KEY"] = key;
  expect(refused.exitCode).toBe(1);
  expect(became(refused, of)).toMatchObject({
    outcome: "failed",
    told: [expect.stringMatching(/^0 containers, 1 volumes/), expect.stringMatching(/SignatureDoesNotMatch/)],
  });
  await isLeftThenSwept(of, 3);
});

it("keeps the marker when the server goes away between the list and the removal", async () => {
  const of = ownerOf("midway");
  await put(bucket, segments(of, 40));
  await abandon(of);
  const { clusters } = await sweep(
    {
      ...{
        engines: [abandoned.engine],
        project: of.project,
        remove: true,
        findState: async () => abandoned.noState,
      },
      key: { accessKey: "archiver", secretKey: process.env["AWS_SECRET_ACCESS_KEY"] ?? "" },
      openStore: async (access) => {
        const store = await objectStore(access);
        const list: typeof store.list = async (...asked) => {
          const found = await store.list(...asked);
          await there().stop();
          return found;
        };
        return { ...store, list };
      },
    },
    silent,
  ).finally(() => there().start());
  expect(became({ clusters }, of)).toMatchObject({ outcome: "failed" });
  await serves();
  await isLeftThenSwept(of, 40);
});

it("takes a bucket that is not there for one with nothing in it", async () => {
  const of = ownerOf("no-bucket");
  await abandon(of, { bucket: "never-made" });
  const { exitCode, clusters } = await spiloctl("sweep", "--yes");
  expect(exitCode).toBe(0);
  expect(became({ clusters }, of)).toMatchObject({
    outcome: "removed",
    told: [
      expect.anything(),
      `no bucket never-made at ${there().backup.endpoint}`,
      expect.stringMatching(/^no stack /),
    ],
  });
});

/** After a sweep that has failed: its marker and its objects are there, and the next sweep has both gone. */
async function isLeftThenSwept(of: MarkedOwner, objects: number): Promise<void> {
  const marker = `volume ${of.cluster}-marker-${of.incarnation}`;
  expect(await standing()).toContain(marker);
  expect(await keysIn(bucket)).toEqual([...others, ...segments(of, objects)].sort());
  const after = await spiloctl("sweep", "--yes");
  expect(after.exitCode).toBe(0);
  expect(became(after, of)?.told).toContain(`${objects} objects removed from s3://${bucket}/${prefixOf(of)}`);
  expect(await standing()).not.toContain(marker);
  expect(await keysIn(bucket)).toEqual(others);
}

/** A volume is left, and a marker whose time has ended. */
async function abandon(of: MarkedOwner, change: Partial<MarkedArchive> = {}): Promise<void> {
  await leftVolume(of);
  await mark(of, { archives: [{ ...archiveOf(of), ...change }] });
}

function archiveOf(of: MarkedOwner): MarkedArchive {
  return { ...there().backup, region: "us-east-1", bucket, prefix: prefixOf(of) };
}

function prefixOf({ cluster, incarnation }: MarkedOwner): string {
  return archivePrefix({ cluster, postgresqlVersion: 17 }, incarnation);
}

function segments(of: MarkedOwner, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefixOf(of)}/wal_005/${index}.lz4`);
}

function became<T extends { cluster: string }>(
  { clusters }: { readonly clusters: readonly T[] },
  of: MarkedOwner,
) {
  return clusters.find(({ cluster }) => cluster === of.cluster);
}

function there(): S3Server {
  if (server === undefined) throw new Error("the S3 server is not there");
  return server;
}

async function keysIn(name: string): Promise<readonly string[]> {
  const store = await there().open();
  try {
    return (await store.list(name, "")).map(({ key }) => key).sort();
  } finally {
    store.close();
  }
}

/** Writes objects, a few at once. */
async function put(name: string, keys: readonly string[]): Promise<void> {
  const { backup, configuration } = there();
  const client = new S3Client({
    ...{ endpoint: backup.endpoint, region: "us-east-1", forcePathStyle: true },
    credentials: {
      accessKeyId: configuration["spilo:s3AccessKey"] ?? "",
      secretAccessKey: configuration["spilo:s3SecretKey"] ?? "",
    },
    requestHandler: { httpsAgent: new Agent({ ca: backup.ca, keepAlive: true, maxSockets: 8 }) },
  });
  const waiting = [...keys];
  const work = async () => {
    for (let Key = waiting.shift(); Key !== undefined; Key = waiting.shift()) {
      await client.send(new PutObjectCommand({ Bucket: name, Key, Body: "x" }));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work)).finally(() => client.destroy());
}

/** It was stopped, and takes a moment to be there again. */
async function serves(): Promise<void> {
  await waitFor({ what: "the S3 server answers again", deadlineMs: 30_000 }, async () => {
    try {
      await keysIn(bucket);
      return { found: true };
    } catch (error) {
      if (isPassing(error)) return { pending: error.message };
      throw error;
    }
  });
}
