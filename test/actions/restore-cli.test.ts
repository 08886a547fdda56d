import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { runCli } from "../../actions/cli/program.ts";
import { register } from "../../actions/cli/restore.ts";
import { parseSpec } from "../../cluster/index.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { FakeS3 } from "../provider/fake-s3.ts";
import { access } from "../provider/test-access.ts";
import { handleOf } from "./test-handle.ts";

let s3: FakeS3;
let folder: string;

/** Folders and files below each prefix, as an S3 server lists them. */
const listings: Readonly<
  Record<string, { readonly folders?: readonly string[]; readonly keys?: readonly string[] }>
> = {
  "spilo/": { folders: ["spilo/orders/"] },
  "spilo/orders/": { folders: ["spilo/orders/1a2b3c4d/"] },
  "spilo/orders/1a2b3c4d/wal/": { folders: ["spilo/orders/1a2b3c4d/wal/17/"] },
  "spilo/orders/1a2b3c4d/wal/17/base/": {
    keys: ["20300101T010000/backup.info", "20300101T010000/data.tar.gz"],
  },
  "spilo/orders/1a2b3c4d/wal/17/wals/": { keys: ["0000000100000000/000000010000000000000008.lz4"] },
};

beforeEach(async () => {
  s3 = await new FakeS3().start();
  s3.lists = (prefix) => {
    const { folders = [], keys = [] } = listings[prefix] ?? {};
    const prefixes = folders.map((one) => `<CommonPrefixes><Prefix>${one}</Prefix></CommonPrefixes>`);
    const contents = keys.map(
      (key) =>
        `<Contents><Key>${prefix}${key}</Key><Size>1000</Size><LastModified>${
          key.includes("backup") ? "2030-01-01T01:05:00.000Z" : "2030-01-01T12:00:00.000Z"
        }</LastModified></Contents>`,
    );
    return `<ListBucketResult>${prefixes.join("")}${contents.join("")}</ListBucketResult>`;
  };
  const info = "/orders-wal/spilo/orders/1a2b3c4d/wal/17/base/20300101T010000/backup.info";
  s3.answers.set(`GET ${info}`, { status: 200, body: "begin_wal=000000010000000000000008\nstatus=DONE\n" });
  folder = await mkdtemp(join(tmpdir(), "spilo-restore-cli-"));
  vi.stubEnv("AWS_ACCESS_KEY_ID", "reader");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret-word");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
  await s3.stop();
});

/** `spiloctl restore` on a stack whose cluster does not answer. */
async function run(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const handle = handleOf(new FakeCluster());
  const exitCode = await runCli(["restore", ...argv], [register], {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    isTerminal: false,
    onInterrupt: () => () => undefined,
    open: async () => ({ ...handle, archive: { ...handle.archive, endpoint: s3.url, ca: access.ca } }),
    exit: () => undefined,
  });
  return { exitCode, out: out.join(""), err: err.join("") };
}

const aWindow = "from 2030-01-01T01:05:00.000Z to the last WAL, of 2030-01-01T12:00:00.000Z";

describe("spiloctl restore", () => {
  it("goes by the bucket when the cluster does not live, and prints a configuration that is accepted", async () => {
    const { exitCode, out, err } = await run("--to-time", "2030-01-01 11:00:00+00", "--name", "orders-2");
    expect(exitCode).toBe(0);
    expect(err).toContain("nobody leads, so what is in the bucket counts");
    expect(out).toContain(`# orders, incarnation 1a2b3c4d: can be restored ${aWindow}`);
    expect(out).not.toContain("secret-key");
    const { restoreFrom } = parse(out).config["spilo:cluster"];
    expect(restoreFrom).toMatchObject({
      ...{ cluster: "orders", incarnation: "1a2b3c4d", time: "2030-01-01T11:00:00+00:00" },
      // The stack's own server: the new one has another.
      ...{ bucket: "orders-wal", endpoint: s3.url },
    });
    expect(parseSpec(parse(out).config["spilo:cluster"]).name).toBe("orders-2");
  });

  it("needs no stack when it is told where the bucket is", async () => {
    const caFile = join(folder, "ca.crt");
    await writeFile(caFile, access.ca);
    const place = ["--endpoint", s3.url, "--ca-file", caFile];
    const file = join(folder, "Pulumi.again.yaml");
    const asked = ["--from", "orders", ...place, "--latest", "--name", "again", "--write", file];
    const { exitCode, out, err } = await run(...asked);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toContain(`# written: ${file}`);
    const text = await readFile(file, "utf8");
    expect(text).not.toContain("secret-word");
    const { backup, restoreFrom } = parse(text).config["spilo:cluster"];
    expect(backup).toMatchObject({ endpoint: s3.url, bucket: "orders-wal" });
    expect(restoreFrom).toEqual({
      ...{ cluster: "orders", incarnation: "1a2b3c4d", latest: true, bucket: "orders-wal" },
    });
    const again = await run(...asked);
    expect(again).toMatchObject({ exitCode: 3, err: expect.stringContaining("is there already") });
  });

  it("lists the lives of a cluster", async () => {
    const { out } = await run("--list", "--json");
    expect(JSON.parse(out).lives).toEqual([
      {
        ...{ incarnation: "1a2b3c4d", postgresqlVersion: 17, backups: 1 },
        ...{ from: "2030-01-01T01:05:00.000Z", to: "2030-01-01T12:00:00.000Z" },
      },
    ]);
  });

  it.each([
    [
      "a time out of the window",
      3,
      ["--to-time", "2030-01-01T00:00:00Z", "--name", "x"],
      "reaches from 2030-01-01T01:05",
    ],
    ["a time without a zone", 2, ["--to-time", "2030-01-01T00:00:00", "--name", "x"], "a time with a zone"],
    ["two targets", 2, ["--latest", "--to-lsn", "0/1", "--name", "x"], "exactly one of"],
    ["no name", 2, ["--latest"], "--name is missing"],
    [
      "a place without a cluster",
      2,
      ["--latest", "--name", "x", "--endpoint", "https://s3"],
      "--endpoint needs --from",
    ],
    [
      "another cluster",
      3,
      ["--latest", "--name", "x", "--from", "sales"],
      "has no backup of it, but what is of orders",
    ],
  ])("refuses %s", async (_title, code, argv, said) => {
    const { exitCode, err } = await run(...argv);
    expect({ exitCode, err }).toEqual({ exitCode: code, err: expect.stringContaining(said) });
  });
});
