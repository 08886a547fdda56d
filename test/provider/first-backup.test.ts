import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseBackupList } from "../../actions/archive/archiver.ts";
import type { ContainerExec, ExecResult } from "../../actions/engine/container-exec.ts";
import { type BackupMade, makeFirstBackup } from "../../actions/first-backup.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { Bucket, backupInfo } from "../actions/bucket.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { hastyClock } from "./hasty-clock.ts";
import { access } from "./test-access.ts";

const prefix = "spilo/orders-1a2b3c4d/wal/17";
const listed = JSON.stringify([
  { backup_name: "base_000000010000000000000004", time: "2026-01-01T00:00:00Z" },
]);
const name = "base_000000010000000000000004";
const part = `${prefix}/basebackups_005/${name}/tar_partitions/part_001.tar.lz4`;
const sentinel = `${prefix}/basebackups_005/${name}_backup_stop_sentinel.json`;
const walg = () => new Bucket().put(part, 900).put(sentinel, 100);

let cluster: FakeCluster;

beforeEach(async () => {
  cluster = await new FakeCluster().start();
});

afterEach(() => cluster.stop());

interface Container {
  /** Answers to `backup-list`, in order; the last one stays. */
  readonly lists: readonly string[];
  readonly running?: number;
  readonly backup?: ExecResult;
}

const done: ExecResult = { exitCode: 0, output: "", errors: "" };

async function backUp(container: Container, bucket: Bucket) {
  const ran: string[] = [];
  const lists = [...container.lists];
  let running = container.running ?? 0;
  const exec: ContainerExec = async (name, command) => {
    const text = command.join(" ");
    if (text.includes("backup-list")) {
      return { ...done, output: (lists.length > 1 ? lists.shift() : lists[0]) ?? "" };
    }
    if (text.startsWith("pgrep")) return { ...done, exitCode: running-- > 0 ? 0 : 1 };
    ran.push(`${name}: ${text}`);
    return container.backup ?? done;
  };
  const made: BackupMade = await makeFirstBackup({
    members: cluster.addresses,
    patroni: patroniClient({ access }),
    execOn: () => exec,
    store: bucket.store,
    bucket: "orders-wal",
    prefix,
    deadlineMs: 20_000,
    report: () => undefined,
    clock: hastyClock(),
  });
  return { made, ran };
}

describe("the first base backup", () => {
  it("is run on the leader by the image's own script, and found in the bucket", async () => {
    cluster.leader = "m-2";
    const { made, ran } = await backUp({ lists: ["", listed] }, walg());
    expect(ran).toEqual([
      `m-2: sh -c exec envdir "\${WALE_ENV_DIR:-/run/etc/wal-e.d/env}" /scripts/postgres_backup.sh "$PGDATA"`,
    ]);
    expect(made).toEqual({ name: "base_000000010000000000000004", sizeBytes: 1000 });
  });

  it("is not run when the image has made one", async () => {
    const { ran } = await backUp({ lists: [listed] }, walg());
    expect(ran).toEqual([]);
  });

  it("is waited for when one is running", async () => {
    const { ran } = await backUp({ lists: ["", "", listed], running: 2 }, walg());
    expect(ran).toEqual([]);
  });

  it("may be one of barman's", async () => {
    const id = "20260101T000000";
    const info = backupInfo("2026-01-01");
    const bucket = new Bucket()
      .put(`${prefix}/base/${id}/data.tar`, 5000)
      .put(`${prefix}/base/${id}/backup.info`, info);
    const { made } = await backUp({ lists: [listed] }, bucket);
    expect(made).toEqual({ name, sizeBytes: 5000 + info.length });
  });

  it("fails with the archiver's last lines", async () => {
    const backup = { exitCode: 1, output: "", errors: "ERROR: access denied\n" };
    await expect(backUp({ lists: [""], backup }, new Bucket())).rejects.toThrow(
      "m-1: the base backup ended with 1: ERROR: access denied",
    );
  });

  it("fails when the archiver lists a backup that is not in the bucket", async () => {
    await expect(backUp({ lists: [listed] }, new Bucket().put(part, 900))).rejects.toThrow(
      "s3://orders-wal/spilo/orders-1a2b3c4d/wal/17 holds no complete one of that name: none at all",
    );
  });
});

describe("the archiver's list", () => {
  it("is read in its order, and empty when nothing is printed", () => {
    expect(parseBackupList('[{"backup_name":"base_01"},{"backup_name":"base_02_D_01"}]')).toEqual([
      "base_01",
      "base_02_D_01",
    ]);
    expect(parseBackupList("\n")).toEqual([]);
    expect(parseBackupList("[]")).toEqual([]);
    expect(parseBackupList("INFO: 2026/01/01 00:00:00 No backups found\n")).toEqual([]);
  });
});
