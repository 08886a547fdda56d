import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterOfOne, secrets, startClusterOfOne } from "./cluster-of-one.ts";
import { docker, eventually, root } from "./stage.ts";

let member: ClusterOfOne;
const data = "/home/postgres/pgdata/pgroot/data";

beforeAll(async () => {
  member = await startClusterOfOne("archive");
  // The member's own first base backup would come at some moment of these tests.
  await member.stage.exec("member", ["sh", "-c", "kill $(pgrep -f '[p]atroni_wait.sh')"]);
}, 300_000);

afterAll(() => member?.stage.remove());

interface Backup {
  readonly backup_name: string;
  readonly wal_file_name: string;
  readonly uncompressed_size: number;
  readonly compressed_size: number;
}

async function backups(): Promise<Backup[]> {
  return JSON.parse(await member.archiver("wal-g", "backup-list", "--detail", "--json"));
}

/** Ends the current segment and waits until it is in the archive. */
async function archiveAll(): Promise<string> {
  // A segment in which nothing happened is not ended.
  await member.sql("SELECT pg_logical_emit_message(true, 'test', 'something')");
  const segment = await member.sql("SELECT pg_walfile_name(pg_switch_wal())");
  const query = "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver";
  await eventually(`${segment} is archived`, 20_000, async () =>
    (await member.sql(query)) >= segment ? true : undefined,
  );
  return segment;
}

test("a segment that was archived comes back as it was; one that was not is told apart by its exit code", async () => {
  const segment = await archiveAll();
  await member.archiver("wal-g", "wal-fetch", segment, "/tmp/fetched");
  expect(await member.stage.exec("member", ["stat", "-c", "%s", "/tmp/fetched"])).toBe(String(16 << 20));
  const missing = member.archiver("wal-g", "wal-fetch", "00000001000000FF000000FF", "/tmp/missing");
  await expect(missing).rejects.toMatchObject({ exitCode: 74 });
  const verified = JSON.parse(await member.archiver("wal-g", "wal-verify", "integrity", "--json"));
  expect(verified.integrity.status).toBe("OK");
}, 60_000);

test("what wal-g stored, barman finds, and the other way round", async () => {
  const segment = await archiveAll();
  const where = ["s3://wal/spilo/one/wal", "17"];
  const options = ["--endpoint-url", `https://${member.stage.nameOf("s3")}:9000`];
  const known = ["AWS_DEFAULT_REGION=us-east-1", "AWS_CA_BUNDLE=/etc/identity/s3-ca.crt"];
  const barman = (...command: string[]) => member.archiver("env", ...known, ...command);
  await member.archiver("wal-g", "wal-fetch", segment, "/tmp/by-wal-g");
  await barman("barman-cloud-wal-restore", ...options, ...where, segment, "/tmp/by-barman");
  await member.stage.exec("member", ["cmp", "/tmp/by-wal-g", "/tmp/by-barman"]);

  const made = "0000000F0000000000000001";
  await member.stage.exec("member", ["cp", "/tmp/by-wal-g", `/tmp/${made}`]);
  await barman("barman-cloud-wal-archive", "--lz4", ...options, ...where, `/tmp/${made}`);
  await member.archiver("wal-g", "wal-fetch", made, "/tmp/back");
  await member.stage.exec("member", ["cmp", "/tmp/back", "/tmp/by-wal-g"]);
}, 60_000);

test("a server started from a base backup and the archive has every row", async () => {
  await member.sql("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS id");
  await member.archiver("/scripts/postgres_backup.sh", data);
  await member.sql("INSERT INTO kept SELECT generate_series(1001, 1500)");
  await archiveAll();
  const [backup] = await backups();
  expect(backup?.compressed_size).toBeGreaterThan(1_000_000);
  expect(backup?.compressed_size).toBeLessThan(backup?.uncompressed_size ?? 0);

  await member.archiver("wal-g", "backup-fetch", "/tmp/restored", "LATEST");
  const refused = member.archiver("wal-g", "backup-fetch", "/tmp/restored", "LATEST");
  await expect(refused).rejects.toThrow("/tmp/restored is not empty");
  const restore = `restore_command = 'envdir /run/etc/wal-e.d/env /scripts/restore_command.sh "%f" "%p"'`;
  const settings = `${restore}\nport = 5999\narchive_mode = off\nshared_preload_libraries = ''\n`;
  await member.stage.exec("member", ["sh", "-c", "cat >>/tmp/restored/postgresql.auto.conf"], settings);
  await member.stage.exec("member", ["touch", "/tmp/restored/recovery.signal"]);
  await member.stage.exec("member", [
    "pg_ctl",
    "-D",
    "/tmp/restored",
    "-s",
    "-w",
    "-l",
    "/tmp/restored.log",
    "start",
  ]);
  const count = ["psql", "-XAtq", "-p", "5999", "-c", "SELECT count(*), max(id) FROM kept"];
  await eventually("recovery has ended", 20_000, async () => {
    const query = ["psql", "-XAtq", "-p", "5999", "-c", "SELECT pg_is_in_recovery()"];
    return (await member.stage.exec("member", query)) === "f" ? true : undefined;
  });
  expect(await member.stage.exec("member", count)).toBe("1500|1500");
  await member.stage.exec("member", ["pg_ctl", "-D", "/tmp/restored", "-s", "-m", "immediate", "stop"]);
}, 90_000);

test("retention deletes the oldest base backup and leaves two that can be fetched", async () => {
  await member.archiver("wal-g", "backup-push", data);
  // The script deletes nothing that is younger than two days, whatever it is told.
  await member.archiver("env", "BACKUP_NUM_TO_RETAIN=1", "/scripts/postgres_backup.sh", data);
  const before = await backups();
  expect(before).toHaveLength(3);
  expect(await member.archiver("wal-g", "delete", "retain", "FULL", "2")).toContain("would delete");
  expect(await backups()).toEqual(before);
  await member.archiver("wal-g", "delete", "retain", "FULL", "2", "--confirm");
  const after = await backups();
  expect(after).toEqual(before.slice(-2));
  const gone = member.archiver("wal-g", "wal-fetch", before[0]?.wal_file_name ?? "", "/tmp/gone");
  await expect(gone).rejects.toMatchObject({ exitCode: 74 });
  await member.archiver("wal-g", "wal-fetch", after[0]?.wal_file_name ?? "", "/tmp/needed");
  const verified = JSON.parse(await member.archiver("wal-g", "wal-verify", "integrity", "--json"));
  expect(verified.integrity.status).toBe("OK");
}, 180_000);

test("backups that are older than the window stay while newer ones fail, and can be restored", async () => {
  const before = await backups();
  expect(before).toHaveLength(2);
  await member.archiver("python3", "-c", thirtyDaysEarlier);
  const aged = await listed();
  expect(aged.every(({ time }) => Date.parse(time) < Date.now() - 29 * 86_400_000)).toBe(true);
  const failing = ["env", "BACKUP_NUM_TO_RETAIN=2", "AWS_SECRET_ACCESS_KEY=wrong"];
  await expect(member.archiver(...failing, "/scripts/postgres_backup.sh", data)).rejects.toThrow();
  expect(await listed()).toEqual(aged);
  // One that goes well after all that is not enough, either.
  await member.archiver("env", "BACKUP_NUM_TO_RETAIN=2", "/scripts/postgres_backup.sh", data);
  expect((await listed()).slice(0, 2)).toEqual(aged);
  for (const { backup_name } of aged) expect(await trial(backup_name)).toEqual({ step: "none" });

  // With two good ones of the window, the newest of those before it is the one that the window begins with.
  await member.archiver("env", "BACKUP_NUM_TO_RETAIN=2", "/scripts/postgres_backup.sh", data);
  const kept = (await listed()).map(({ backup_name }) => backup_name);
  expect(kept).toHaveLength(3);
  expect(kept[0]).toBe(aged[1]?.backup_name);
}, 240_000);

test("a backup on trial shows where it is damaged, and leaves the archive as it was", async () => {
  await member.sql("CREATE INDEX kept_id ON kept (id)");
  // Nothing is left to note on its pages: WAL would have such a page whole, and recovery would mend what is damaged here.
  await member.sql("VACUUM (FREEZE) kept");
  await member.archiver("/scripts/postgres_backup.sh", data);
  const name = (await listed()).at(-1)?.backup_name ?? "";
  const fileOf = (relation: string) => member.sql(`SELECT pg_relation_filepath('${relation}')`);
  const archived = await member.archiver("wal-g", "wal-verify", "integrity", "--json");
  const damage = async (relation: string) => {
    const file = `/tmp/trial/data/${await fileOf(relation)}`;
    const bytes = ["dd", "if=/dev/urandom", `of=${file}`, "bs=1", "seek=5000", "count=16", "conv=notrunc"];
    await member.stage.exec("member", bytes);
  };
  expect(await trial(name, { recover: () => damage("kept") })).toMatchObject({
    step: "read",
    said: expect.stringContaining("invalid page in block 0 of relation base/"),
  });
  // Reading rows takes no index.
  expect(await trial(name, { recover: () => damage("kept_id") })).toMatchObject({
    step: "checksums",
    said: expect.stringContaining("checksum verification failed in file"),
  });
  const withoutControl = () => member.stage.exec("member", ["rm", "/tmp/trial/data/global/pg_control"]);
  expect(await trial(name, { recover: async () => void (await withoutControl()) })).toMatchObject({
    step: "recover",
    said: expect.stringMatching(/pg_control/),
  });
  expect(JSON.parse(await member.archiver("wal-g", "wal-verify", "integrity", "--json"))).toEqual(
    JSON.parse(archived),
  );
  // Python's own way would be to unpack what comes before the damage.
  await member.archiver("python3", "-c", damageNewest);
  expect(await trial(name)).toMatchObject({
    step: "fetch",
    said: expect.stringContaining("Barman cloud restore exception"),
  });
}, 180_000);

const listed = async (): Promise<{ backup_name: string; time: string }[]> =>
  JSON.parse(await member.archiver("wal-g", "backup-list", "--json"));

/** What every backup in the bucket says of itself, as if all of it had been thirty days before. */
const thirtyDaysEarlier = `
import re, sys
from datetime import datetime, timedelta
sys.path.insert(0, "/usr/local/lib/wal-g")
import boto3, storage

archive = storage.Archive.from_environment()
client = boto3.client("s3", endpoint_url=archive.endpoint)
earlier = lambda found: found[1] + str(datetime.fromisoformat(found[2]) - timedelta(days=30))
for key, _ in list(archive.objects("base")):
    if key.endswith("/backup.info"):
        text = client.get_object(Bucket=archive.bucket, Key=key)["Body"].read().decode()
        text = re.sub(r"(?m)^((?:begin|end)_time=)(.*)$", earlier, text)
        client.put_object(Bucket=archive.bucket, Key=key, Body=text.encode())
`;

/** Some bytes in the middle of the newest backup are others. */
const damageNewest = `
import sys
sys.path.insert(0, "/usr/local/lib/wal-g")
import boto3, storage

archive = storage.Archive.from_environment()
client = boto3.client("s3", endpoint_url=archive.endpoint)
key = max(key for key, _ in archive.objects("base") if key.endswith("/data.tar.gz"))
body = bytearray(client.get_object(Bucket=archive.bucket, Key=key)["Body"].read())
middle = len(body) // 2
body[middle : middle + 64] = b"damaged!" * 8
client.put_object(Bucket=archive.bucket, Key=key, Body=bytes(body))
`;

/**
 * What `spiloctl backup verify` does in a container of its own.
 *
 * @param before what happens before a step.
 * @returns the step that does not go well, and what is said of it.
 */
async function trial(
  name: string,
  before: Partial<Record<string, () => Promise<void>>> = {},
): Promise<{ readonly step: string; readonly said?: string }> {
  const script = await readFile(join(root, "actions", "archive", "trial-restore.sh"), "utf8");
  const run = (part: string, value: string) => {
    const keys = "/run/etc/wal-e.d/env";
    return member.stage.exec("member", ["bash", "-s", "--", part, "/tmp/trial/data", keys, value], script);
  };
  const steps = [
    ["fetch", name],
    ["recover", "60"],
    ["databases", ""],
    ["read", "postgres"],
    ["checksums", "60"],
  ] as const;
  try {
    for (const [step, value] of steps) {
      try {
        await before[step]?.();
        await run(step, value);
      } catch (error) {
        return { step, said: String(error) };
      }
    }
    return { step: "none" };
  } finally {
    const stop = "pg_ctl -D /tmp/trial/data -s -m immediate stop; rm -rf /tmp/trial";
    await member.stage.exec("member", ["sh", "-c", stop]);
  }
}

test("a bucket that does not exist is an error, not a new bucket", async () => {
  const segment = await member.sql("SELECT pg_walfile_name(pg_current_wal_lsn())");
  const elsewhere = ["env", "WALG_S3_PREFIX=s3://typo/spilo/one/wal/17"];
  const push = member.archiver(...elsewhere, "wal-g", "wal-push", `${data}/pg_wal/${segment}`);
  await expect(push).rejects.toThrow("bucket typo does not exist");
}, 30_000);

test("an archive whose server cannot prove who it is gets nothing and gives nothing", async () => {
  const segment = await archiveAll();
  const trustingOthers = ["env", "-u", "WALG_S3_CA_CERT_FILE", "wal-g"];
  const push = member.archiver(...trustingOthers, "wal-push", "/tmp/fetched");
  await expect(push).rejects.toThrow(/certificate verify failed/i);
  const fetch = member.archiver(...trustingOthers, "wal-fetch", segment, "/tmp/from-anybody");
  await expect(fetch).rejects.toThrow(/certificate verify failed/i);
  await expect(member.archiver(...trustingOthers, "backup-list")).rejects.toThrow(/cannot be read/);
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  const address = await docker(["inspect", "--format", format, member.stage.nameOf("s3")]);
  // The certificate names the server, and not its address.
  const underAnotherName = ["env", `AWS_ENDPOINT=https://${address}:9000`, "wal-g", "wal-fetch", segment];
  await expect(member.archiver(...underAnotherName, "/tmp/from-another")).rejects.toThrow(
    /IP address mismatch/,
  );
}, 60_000);

test("the archive's keys are in no process's environment but the archiver's", async () => {
  const script = `cat /proc/$(head -1 ${data}/postmaster.pid)/environ /proc/$(pgrep -f '/bin/[p]atroni')/environ`;
  const environments = await member.stage.exec("member", ["sh", "-c", script]);
  expect(environments).toContain("PATH=");
  expect(environments).not.toContain(secrets.s3);
  expect(environments).not.toContain(secrets.superuser);
});
