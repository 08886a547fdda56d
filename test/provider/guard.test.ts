import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ExecResult } from "../../actions/engine/container-exec.ts";
import { guard } from "../../provider/kinds/guard.ts";
import { spiloProvider } from "../../provider/provider.ts";
import type { Properties } from "../../provider/wire.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { FakeExec } from "./fake-exec.ts";
import { FakeS3 } from "./fake-s3.ts";
import { access, authority } from "./test-access.ts";

const prefix = "spilo/orders/1a2b3c4d/wal/17";
const script = `m-2: sh -c exec envdir "\${WALE_ENV_DIR:-/run/etc/wal-e.d/env}" /scripts/postgres_backup.sh "$PGDATA"`;
const kept = { volume: "orders-s3-data-1a2b3c4d", engine: "unix:///docker.sock", image: "s3:1" };
const done: ExecResult = { exitCode: 0, output: "", errors: "" };

let cluster: FakeCluster;
let s3: FakeS3;
let engine: FakeExec;
let lines: string[];
/** What the archive lists. */
let backups: string[];
/** What the archiver ends with. */
let backup: ExecResult;
/** Whether it lists one more then. */
let lists: boolean;

beforeEach(async () => {
  cluster = await new FakeCluster().start();
  cluster.leader = "m-2";
  s3 = await new FakeS3().start();
  lines = [];
  backups = ["base_1"];
  backup = done;
  lists = true;
  engine = await new FakeExec((_container, command) => {
    if (command.includes("backup-list")) {
      return { ...done, output: JSON.stringify(backups.map((backup_name) => ({ backup_name }))) };
    }
    if (lists) backups.push(`base_${backups.length + 1}`);
    return backup;
  }).start();
  holds("base_1", "base_2");
});

afterEach(async () => {
  await engine.stop();
  await s3.stop();
  await cluster.stop();
});

/** The bucket has these, complete. */
function holds(...names: readonly string[]): void {
  const object = (key: string, size: number) =>
    `<Contents><Key>${prefix}/basebackups_005/${key}</Key><Size>${size}</Size></Contents>`;
  const objects = names.flatMap((name) => [
    object(`${name}/tar_partitions/part_001.tar.lz4`, 2 * 1024 ** 2),
    object(`${name}_backup_stop_sentinel.json`, 100),
  ]);
  const list = (contents: string) =>
    `<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`;
  s3.lists = (below) => list(below === `${prefix}/basebackups_005/` ? objects.join("") : "");
  for (const name of names) {
    const key = `${prefix}/basebackups_005/${name}_backup_stop_sentinel.json`;
    s3.answers.set(`GET /walls/${key}`, { status: 200, body: "{}" });
  }
}

function properties(change: Properties = {}): Properties {
  return {
    cluster: "orders",
    finalBackup: true,
    members: cluster.addresses.map(({ name, restUrl }) => ({ name, restUrl, engine: engine.host })),
    access,
    deadlineSeconds: 20,
    endpoint: s3.url,
    ca: authority.certificate,
    region: "us-east-1",
    bucket: "walls",
    prefix,
    accessKey: "key",
    secretKey: "hidden-secret",
    kept,
    ...change,
  };
}

async function deleted(change: Properties = {}): Promise<string> {
  const context = { report: (line: string) => lines.push(line), signal: new AbortController().signal };
  return await Promise.resolve(guard.delete?.(properties(change), context)).then(
    () => "deleted",
    (error: Error) => error.message,
  );
}

describe("the end of a cluster with a final backup", () => {
  it("is a new one on the leader, found in the bucket, and what stays is told", async () => {
    expect(await deleted()).toBe("deleted");
    expect(engine.ran.filter((one) => !one.includes("backup-list"))).toEqual([script]);
    expect(lines).toEqual([
      "taking the final base backup on m-2",
      `final backup base_2 (2 MB) is in s3://walls/${prefix}`,
      `the backups of orders stay: volume orders-s3-data-1a2b3c4d on unix:///docker.sock, bucket walls, prefix ${prefix}. ` +
        "To restore, start s3:1 on that volume (docs/teardown.md has the commands); " +
        "`docker volume rm orders-s3-data-1a2b3c4d` removes them",
    ]);
  });

  it("says nothing of a volume when the S3 server is somebody else's", async () => {
    expect(await deleted({ kept: undefined })).toBe("deleted");
    expect(lines).toHaveLength(2);
  });
});

describe("nothing is deleted without one, and it is said what to do", () => {
  const remedy =
    /^orders: the final backup was not made, so nothing of the cluster is deleted: .*\. Mend that \(`pulumi up --refresh` brings back what is lost\) and destroy again; or, if the data may go, set finalBackup: false, run `pulumi up`, and destroy then$/;

  it("as the archiver fails", async () => {
    backup = { exitCode: 1, output: "", errors: "ERROR: access denied\n" };
    const message = await deleted();
    expect(message).toMatch(remedy);
    expect(message).toContain("m-2: the base backup ended with 1: ERROR: access denied");
  });

  it("as it lists no new one", async () => {
    lists = false;
    const message = await deleted();
    expect(message).toMatch(remedy);
    expect(message).toContain("the archiver lists no new one");
  });

  it("as the bucket does not hold it", async () => {
    holds("base_1");
    const message = await deleted();
    expect(message).toMatch(remedy);
    expect(message).toContain(
      `the archiver lists the backup base_2, but s3://walls/${prefix} holds no complete one`,
    );
  });

  it("as nobody leads", async () => {
    cluster.leader = "nobody";
    const message = await deleted({ deadlineSeconds: 1 });
    expect(message).toMatch(remedy);
    expect(message).toContain("no member leads");
    expect(engine.ran).toEqual([]);
  });

  it("as the engine does not answer", async () => {
    const members = cluster.addresses.map(({ name, restUrl }) => ({
      name,
      restUrl,
      engine: "unix:///nowhere",
    }));
    expect(await deleted({ members })).toMatch(remedy);
  });

  it("and no secret is said", async () => {
    s3.fail("GET /walls", 403, "InvalidAccessKeyId");
    const message = await deleted();
    expect(message).toMatch(remedy);
    expect([message, ...lines].join("\n")).not.toMatch(/hidden-secret|PRIVATE KEY/);
  });
});

describe("without a final backup", () => {
  it("nobody is asked", async () => {
    expect(await deleted({ finalBackup: false })).toBe("deleted");
    expect([engine.ran, s3.asked, lines]).toEqual([[], [], []]);
  });
});

describe("the guard", () => {
  const urn = "urn:pulumi:prod::pulumi-spilo::spilo:index:Guard::orders";

  it("is made, and changed, without a question", async () => {
    const context = { report: (line: string) => lines.push(line), signal: new AbortController().signal };
    const gone = properties({ members: [], endpoint: "https://127.0.0.1:9" });
    expect(await guard.create(gone, context)).toEqual({ id: "orders", outputs: {} });
    expect(await guard.update?.(gone, gone, context)).toEqual({});
    expect([engine.ran, lines]).toEqual([[], []]);
  });

  it("is updated by what its deletion has to know, and replaced by nothing", async () => {
    const { diff } = spiloProvider(async () => undefined);
    const changes: readonly Properties[] = [
      { finalBackup: false },
      { members: [] },
      { kept: undefined },
      { endpoint: "https://elsewhere" },
      { bucket: "other" },
      { secretKey: "another" },
    ];
    for (const change of changes) {
      expect(await diff?.("orders", urn, properties(), properties(change))).toEqual({
        changes: true,
        replaces: [],
      });
    }
    expect(await diff?.("orders", urn, properties(), properties())).toEqual({ changes: false, replaces: [] });
  });
});
