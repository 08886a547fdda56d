import type { BackupReport } from "../../actions/archive/stored-backups.ts";
import type { ObjectStore, StoredObject } from "../../actions/object-store.ts";

/** An object that holds so many bytes, or this text. */
interface Content {
  readonly holds: number | string;
  readonly modifiedAt?: Date;
}

/** A bucket that only exists here. */
export class Bucket {
  readonly objects = new Map<string, Content>();
  /** What every question to it throws. */
  failure: Error | undefined;
  closed = 0;

  put(key: string, holds: number | string, modifiedAt?: string): this {
    this.objects.set(key, {
      holds,
      ...(modifiedAt === undefined ? {} : { modifiedAt: new Date(modifiedAt) }),
    });
    return this;
  }

  readonly store: ObjectStore = {
    makeBucket: async () => undefined,
    removeEmptyBucket: async () => false,
    list: async (_bucket, prefix, after = "") => this.below(prefix).filter(({ key }) => key > after),
    folders: async (_bucket, prefix) => {
      const names = this.below(prefix).flatMap(({ key }) => {
        const [name, ...rest] = key.slice(prefix.length).split("/");
        return rest.length === 0 ? [] : [`${prefix}${name}/`];
      });
      return [...new Set(names)];
    },
    read: async (_bucket, key) => {
      this.answer();
      const holds = this.objects.get(key)?.holds;
      return typeof holds === "number" ? "x".repeat(holds) : holds;
    },
    remove: async (_bucket, keys) => {
      this.answer();
      for (const key of keys) this.objects.delete(key);
    },
    close: () => {
      this.closed += 1;
    },
  };

  private below(prefix: string): readonly StoredObject[] {
    this.answer();
    const found = [...this.objects].filter(([key]) => key.startsWith(prefix)).sort();
    return found.map(([key, { holds, ...rest }]) => {
      return { key, sizeBytes: typeof holds === "number" ? holds : holds.length, ...rest };
    });
  }

  private answer(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

/** What barman writes below a backup that it has made on that day at one o'clock, in five minutes. */
export function backupInfo(day: string, change: Readonly<Record<string, string>> = {}): string {
  const values = {
    backup_label: "'START WAL LOCATION: 0/4000028'",
    begin_time: `${day} 01:00:00.123456+00:00`,
    begin_wal: "000000010000000000000004",
    begin_xlog: "0/4000028",
    cluster_size: "31000000",
    end_time: `${day} 01:05:00.5+00:00`,
    end_xlog: "0/4000120",
    error: "None",
    status: "DONE",
    timeline: "1",
    ...change,
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  return `${lines.join("\n")}\n`;
}

/** A backup as it is reported. */
export function backupReport(change: Partial<BackupReport> = {}): BackupReport {
  return {
    name: "base_000000010000000000000004",
    begunAt: "2030-01-01T01:00:00.123Z",
    at: "2030-01-01T01:05:00.500Z",
    sizeBytes: 4_000_000,
    dataBytes: 31_000_000,
    beginLsn: "0/4000028",
    endLsn: "0/4000120",
    timeline: 1,
    ...change,
  };
}
