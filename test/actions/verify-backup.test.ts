import { beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { verdictLine } from "../../actions/cli/backup-text.ts";
import { colourless } from "../../actions/cli/paint.ts";
import type { ExecResult } from "../../actions/engine/container-exec.ts";
import type { ThrowAwayOptions, withThrowAway } from "../../actions/engine/throw-away.ts";
import { Refusal } from "../../actions/verbs/verb.ts";
import { type VerifyBackupOptions, verifyBackup } from "../../actions/verbs/verify-backup.ts";
import { ArchivedCluster } from "./archived-cluster.ts";
import { listener } from "./fake-servers.ts";

const GIB = 1024 ** 3;

let cluster: ArchivedCluster;
let told: ReturnType<typeof listener>;
/** How parts of the trial end; what is not here ends well. */
let ends: Record<string, Partial<ExecResult>>;
let freeBytes: number;
let places: ThrowAwayOptions[];
/** Commands, and what they were given to read. */
let ran: { readonly command: string; readonly input: string | undefined }[];

beforeEach(() => {
  cluster = new ArchivedCluster();
  cluster.add("2030-01-01", "000000010000000000000004");
  cluster.add("2030-01-02", "000000010000000000000008");
  told = listener();
  ends = { databases: { output: "app\npostgres\n" }, checksums: { output: "on\n" } };
  freeBytes = 100 * GIB;
  places = [];
  ran = [];
});

const throwAway: typeof withThrowAway = async (place, work) => {
  places.push(place);
  return await work(async (command, { input }) => {
    ran.push({ command: command.join(" "), input });
    const done = { exitCode: 0, output: "", errors: "" };
    if (command[0] === "df") return { ...done, output: `    Avail\n${freeBytes}\n` };
    const [part = "", , , value] = command.slice(command.indexOf("--") + 1);
    return { ...done, ...(ends[`${part} ${value}`] ?? ends[part]) };
  });
};

function run(options: VerifyBackupOptions = {}) {
  const openStore = async () => cluster.bucket.store;
  return verifyBackup(cluster.handle(), { openStore, throwAway, ...options }, told.narrator);
}

/** The parts of the trial, in order, with their values. */
function parts(): readonly string[] {
  const asked = ran.map(({ command }) => /^bash -s -- (\S+) \/tmp\S+ \S+(.*)$/.exec(command));
  return asked.flatMap((found) => (found === null ? [] : [`${found[1]}${found[2]}`]));
}

describe("backup verify", () => {
  it("restores the newest, reads every database and looks at the checksums", async () => {
    const report = await run();
    expect(report).toMatchObject({
      ...{ cluster: "orders", good: true, problem: null, checksums: true },
      ...{ backup: { name: "base_000000010000000000000008" }, databases: ["app", "postgres"] },
      took: { fetch: expect.any(Number), recover: expect.any(Number), checksums: expect.any(Number) },
    });
    expect(parts().map((part) => part.replace(/ \d+$/, ""))).toEqual([
      "fetch base_000000010000000000000008",
      "recover",
      "databases",
      "read app",
      "read postgres",
      "checksums",
    ]);
    expect(told.lines.slice(1)).toEqual([
      "step fetched from the bucket",
      "step recovered until it was consistent",
      "step read from beginning to end: app, postgres",
      "step every page has its checksum",
    ]);
    expect(verdictLine(report, colourless)).toBe("  good  base_000000010000000000000008");
    expect(cluster.bucket.closed).toBe(1);
    expect(cluster.servers.events).toEqual([
      'backup-verify {"name":"base_000000010000000000000008","good":true}',
    ]);
  });

  it("does so beside a standby, for as long as it may take, and takes one that is named", async () => {
    await run({ name: "base_000000010000000000000004", deadlineMs: 60_000 });
    expect(places).toEqual([
      expect.objectContaining({
        ...{ engine: "engine of dev-2", like: "dev-2", lifeSeconds: 120 },
        name: expect.stringMatching(/^dev-2-trial-[0-9a-f]{8}$/),
      }),
    ]);
    expect(parts()[0]).toBe("fetch base_000000010000000000000004");
  });

  it("does so beside the leader when no standby is in service", async () => {
    cluster.servers.down("dev-2");
    cluster.servers.gone("dev-3");
    await run();
    expect(places[0]?.like).toBe("dev-1");
  });

  it("needs nobody who leads", async () => {
    for (const { name } of cluster.servers.servers) cluster.servers.gone(name);
    expect((await run()).good).toBe(true);
    expect(places[0]?.like).toBe("dev-1");
  });

  it("gives the archive's keys by standard input, and never on a command line", async () => {
    await run();
    const given = ran.filter(({ input }) => input === "secret-key");
    expect(given.map(({ command }) => command)).toEqual([
      expect.stringMatching(/ keys \/trial-keys\/env\/AWS_SECRET_ACCESS_KEY$/),
    ]);
    expect(ran.map(({ command }) => command).join("\n")).not.toContain("secret-key");
  });

  it("says so where the cluster has no checksums", async () => {
    ends["checksums"] = { output: "off\n" };
    expect(await run()).toMatchObject({ good: true, checksums: null });
    expect(told.lines.at(-1)).toBe("step the cluster has no checksums");
  });
});

describe("a backup is bad", () => {
  it.each([
    ["fetch", "fetch", "gzip: CRC check failed", "cannot be fetched: gzip: CRC check failed"],
    ["recover", "recover", "could not locate a valid checkpoint record", "cannot be recovered: could not"],
    [
      "read",
      "read app",
      "pg_dump: error: invalid page in block 7",
      "cannot be read: pg_dump: error: invalid",
    ],
    ["checksums", "checksums", "pg_checksums: error: checksum verification failed", "has damaged pages: pg_"],
  ])("when it does not %s", async (step, part, said, verdict) => {
    ends[part] = { exitCode: 1, errors: `${said}\n` };
    const report = await run();
    expect(report).toMatchObject({ good: false, problem: { step, reason: said } });
    expect(report.checksums).toBe(step === "checksums" ? false : null);
    expect(verdictLine(report, colourless)).toContain(`  bad  base_000000010000000000000008 ${verdict}`);
    expect(cluster.servers.events).toEqual([
      expect.stringContaining(`"good":false,"step":"${step}","reason":"${said}"`),
    ]);
    // What comes after it is not tried.
    expect(parts().at(-1)?.startsWith(part)).toBe(true);
  });

  it("but not when the archive does not answer meanwhile", async () => {
    ends["fetch"] = { exitCode: 1, errors: "connect ECONNREFUSED" };
    const failure = new ActionError("unreachable", "bucket orders-wal: connect ECONNREFUSED");
    const failing: typeof withThrowAway = async (...asked) => {
      const result = await throwAway(...asked);
      cluster.bucket.failure = failure;
      return result;
    };
    await expect(run({ throwAway: failing })).rejects.toBe(failure);
  });
});

describe("backup verify is refused", () => {
  it.each<[string, VerifyBackupOptions, () => void, string]>([
    [
      "without any backup",
      {},
      () => {
        cluster = new ArchivedCluster();
      },
      "refused: s3://orders-wal/spilo/orders/1a2b3c4d/wal/17 holds no base backup. Nothing was changed. Make one: `spiloctl backup now`.",
    ],
    [
      "for a name that is none",
      { name: "base_1" },
      () => undefined,
      "refused: s3://orders-wal/spilo/orders/1a2b3c4d/wal/17 holds no base backup base_1. Nothing was changed. It holds base_000000010000000000000004, base_000000010000000000000008.",
    ],
    [
      "where it would fill the disk",
      {},
      () => {
        freeBytes = GIB / 4;
      },
      "refused: it takes 545 MB, and engine of dev-2 has 256 MB left. Nothing was changed. Make room on its disk, or restore it elsewhere.",
    ],
  ])("%s", async (_title, options, prepare, message) => {
    prepare();
    const failure = await run(options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Refusal);
    expect(failure).toHaveProperty("message", message);
    expect(parts()).toEqual([]);
  });
});
