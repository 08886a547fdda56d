import { z } from "zod";
import { jsonIn } from "../../cluster/json-in.ts";
import { lsnInWords } from "../../cluster/running/lsn.ts";

/** Where below an archive's folder barman and WAL-G keep base backups. */
export const barmanFolder = "base";
export const walgFolder = "basebackups_005";

/** What a base backup's description says of it. */
export interface Described {
  readonly name: string;
  readonly begunAt: string | null;
  readonly endedAt: string | undefined;
  readonly dataBytes: number | null;
  readonly beginLsn: string | null;
  readonly endLsn: string | null;
  readonly timeline: number | null;
}

/**
 * Of a `backup.info`: lines of names and values. One of a backup that has failed is written as well.
 *
 * @param folder that the backup is in: the time at which it began.
 * @returns undefined for a backup that has failed.
 */
export function describeBarman(folder: string, text: string): Described | undefined {
  const lines = text.split("\n").map((line) => /^([^=]+)=(.*)$/.exec(line.trim()) ?? []);
  const values = new Map(lines.map(([, name = "", value = ""]) => [name, value === "None" ? "" : value]));
  const value = (name: string) => values.get(name) || undefined;
  if (value("status") !== "DONE") return undefined;
  const wal = value("begin_wal");
  return {
    // The archiver names it after its first WAL file.
    name: wal === undefined ? folder : `base_${wal}`,
    begunAt: timeOf(value("begin_time")) ?? null,
    endedAt: timeOf(value("end_time")),
    dataBytes: numberOf(value("cluster_size")),
    beginLsn: value("begin_xlog") ?? null,
    endLsn: value("end_xlog") ?? null,
    timeline: numberOf(value("timeline")),
  };
}

const sentinel = z.object({
  LSN: z.number().nullish(),
  FinishLSN: z.number().nullish(),
  StartTime: z.string().nullish(),
  FinishTime: z.string().nullish(),
  UncompressedSize: z.number().nullish(),
});

/** Of WAL-G's sentinel. One that cannot be read describes nothing, but ends a backup all the same. */
export function describeWalg(name: string, text: string): Described {
  const { LSN, FinishLSN, StartTime, FinishTime, UncompressedSize } =
    sentinel.safeParse(jsonIn(text)).data ?? {};
  const [, timeline] = /^base_([0-9A-F]{8})/.exec(name) ?? [];
  return {
    name,
    begunAt: timeOf(StartTime ?? undefined) ?? null,
    endedAt: timeOf(FinishTime ?? undefined),
    dataBytes: UncompressedSize ?? null,
    beginLsn: LSN == null ? null : lsnInWords(LSN),
    endLsn: FinishLSN == null ? null : lsnInWords(FinishLSN),
    timeline: timeline === undefined ? null : Number.parseInt(timeline, 16),
  };
}

/** ISO 8601 of a time with a zone, such as `2030-01-01 01:00:00.123456+00:00`. */
function timeOf(text: string | undefined): string | undefined {
  const time = new Date(text?.replace(" ", "T") ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
