import { ActionError } from "../../actions/action-error.ts";
import type { ContainerExec, ExecResult } from "../../actions/engine/container-exec.ts";
import type { ClusterHandle } from "../../actions/handle.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { Bucket, backupInfo } from "./bucket.ts";
import { FakeServers } from "./fake-servers.ts";
import { handleOf } from "./test-handle.ts";

/** A cluster whose members have an archiver, which keeps barman's layout in a bucket. */
export class ArchivedCluster {
  readonly servers = new FakeServers();
  readonly bucket = new Bucket();
  /** What was done in containers, in order. */
  readonly ran: string[] = [];
  /** Looks for which a backup of somebody else's still runs. */
  othersRun = 0;
  /** How a base backup ends. */
  ends: Partial<ExecResult> = {};
  /** The archiver writes somewhere else than into the bucket. */
  elsewhere = false;
  private names: string[] = [];

  readonly prefix = "spilo/orders/1a2b3c4d/wal/17";

  /** A backup of that day, found by whoever looks. */
  add(day: string, wal: string): void {
    this.names.push(`base_${wal}`);
    if (this.elsewhere) return;
    const folder = `${this.prefix}/base/${day.replaceAll("-", "")}T010000`;
    const end_xlog = `0/${wal.slice(-2)}000120`;
    this.bucket.put(`${folder}/backup.info`, backupInfo(day, { begin_wal: wal, end_xlog }));
    this.bucket.put(`${folder}/data.tar.gz`, 4_000_000);
  }

  /** WAL files of the first timeline, from the last digits of one to those of another. */
  archive(from: number, to: number, at: string): void {
    for (let number = from; number <= to; number += 1) {
      const name = `00000001000000000000${number.toString(16).toUpperCase().padStart(4, "0")}`;
      this.bucket.put(`${this.prefix}/wals/${name.slice(0, 16)}/${name}.lz4`, 1, at);
    }
  }

  handle(change: Partial<ClusterHandle> = {}): ClusterHandle {
    const { handle } = this.servers;
    return handleOf(new FakeCluster(), { ...handle, name: "orders", execOn: () => this.exec, ...change });
  }

  private readonly exec: ContainerExec = async (container, command) => {
    const text = command.join(" ");
    const done = { exitCode: 0, output: "", errors: "" };
    if (text.startsWith("pgrep")) {
      this.othersRun -= 1;
      return { ...done, exitCode: this.othersRun >= 0 ? 0 : 1 };
    }
    if (text.includes("backup-list")) {
      return { ...done, output: JSON.stringify(this.names.map((name) => ({ backup_name: name }))) };
    }
    if (!text.includes("postgres_backup.sh")) throw new ActionError("failed", `${text}: not expected`);
    this.ran.push(`${container} makes a backup`);
    if ((this.ends.exitCode ?? 0) === 0) this.add("2030-01-09", "000000030000000000000009");
    return { ...done, ...this.ends };
  };
}
