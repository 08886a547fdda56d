import { spanInWords } from "../../cluster/running/span-words.ts";
import { bytesInWords } from "../../cluster/schema/byte-words.ts";
import type { IncarnationReport } from "../archive/incarnations.ts";
import type { BackupReport } from "../archive/stored-backups.ts";
import type { WalGap } from "../archive/stored-wal.ts";
import type { TrialStep } from "../archive/trial-restore.ts";
import type { BackupNowReport } from "../verbs/backup-now.ts";
import type { BackupsReport } from "../verbs/list-backups.ts";
import type { VerifyReport } from "../verbs/verify-backup.ts";
import { columns } from "./columns.ts";
import type { Paint } from "./paint.ts";
import { timeInWords, tookInWords, windowInWords } from "./words.ts";

/** `base_000000010000000000000004, 4.1 MB of 31 MB, in 2.91 s`. */
export function madeLine({ backup, milliseconds }: BackupNowReport): string {
  return `  ${backup.name}, ${sizeInWords(backup)}, in ${tookInWords(milliseconds)}`;
}

/** Whether a backup is good, or what is wrong with it. */
export function verdictLine({ backup: { name }, problem }: VerifyReport, paint: Paint): string {
  if (problem === null) return `  ${paint("good", "good")}  ${name}`;
  return `  ${paint("bad", "bad")}  ${name} ${problemWords[problem.step]}: ${problem.reason}`;
}

const problemWords: Readonly<Record<TrialStep, string>> = {
  fetch: "cannot be fetched",
  recover: "cannot be recovered",
  read: "cannot be read",
  checksums: "has damaged pages",
};

/** The backups of the cluster, what can be restored of it, and what other lives of it have left. */
export function backupsLines(report: BackupsReport, paint: Paint): readonly string[] {
  const { cluster, bucket, prefix, backups, window, gaps, others } = report;
  const rows = backups.length === 0 ? ["no base backup"] : columns(backups.map(backupRow));
  return [
    `${cluster}  s3://${bucket}/${prefix}`,
    ...rows.map((line) => `  ${line}`),
    `  recoverable  ${windowInWords(window)}`,
    ...gaps.map((gap) => `  ${paint("bad", "missing")}      ${gapInWords(gap)}`),
    ...(others === null ? [] : otherLines(others)),
  ];
}

/** Name, when it was begun, how long it took, size, and where in the WAL. */
function backupRow(backup: BackupReport): readonly string[] {
  const { name, begunAt, at, beginLsn, timeline } = backup;
  const took =
    begunAt === null || at === null ? "" : spanInWords((Date.parse(at) - Date.parse(begunAt)) / 1000);
  return [
    name,
    timeInWords(begunAt ?? at),
    took,
    sizeInWords(backup),
    beginLsn ?? "",
    timeline === null ? "" : `timeline ${timeline}`,
  ];
}

function sizeInWords({ sizeBytes, dataBytes }: BackupReport): string {
  const data = dataBytes === null ? "" : ` of ${bytesInWords(dataBytes)}`;
  return `${bytesInWords(sizeBytes)}${data}`;
}

/** What is to be done is the same for all: a backup that is made now begins behind each. */
function gapInWords({ first, last, count }: WalGap): string {
  const files = count === 1 ? `WAL file ${first}` : `${count} WAL files, ${first} to ${last}`;
  return `${files}: a backup from before cannot be restored beyond (\`spiloctl backup now\` makes another)`;
}

function otherLines(others: readonly IncarnationReport[]): readonly string[] {
  if (others.length === 0) return ["  no other incarnation"];
  const rows = others.map(({ incarnation, version, backups, window }) => [
    incarnation,
    `PostgreSQL ${version}`,
    `${backups.length} ${backups.length === 1 ? "backup" : "backups"}`,
    `recoverable ${windowInWords(window)}`,
  ]);
  return ["  other incarnations, the newest last", ...columns(rows).map((line) => `    ${line}`)];
}
