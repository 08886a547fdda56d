import type { OriginPlan } from "../../cluster/plan-types.ts";
import { type Origin, targetInWords } from "../../cluster/restore/origin.ts";
import { lsnInWords } from "../../cluster/running/lsn.ts";
import { foldersIn, type Life, livesIn, type StoreToRead } from "../archive/incarnations.ts";
import { endOfSegment, positionOf, segmentBefore } from "../archive/segments.ts";
import type { BackupReport } from "../archive/stored-backups.ts";
import { hasWalOf, type WalRun } from "../archive/stored-wal.ts";
import { Refusal } from "../verbs/verb.ts";

/** What a cluster begins from, and what there is to know of it. */
export interface FoundOrigin {
  readonly origin: Origin;
  /** The one that it begins with. */
  readonly backup: BackupReport;
  readonly life: Life;
}

/**
 * Looks into the bucket for the life of a cluster that reaches the target, and for the base backup to begin with. What no
 * archive holds is refused here, before there is a member that would try it for ever.
 *
 * @throws Refusal with what the bucket has instead.
 */
export async function findOrigin(
  store: StoreToRead,
  plan: OriginPlan,
  postgresqlVersion: number,
): Promise<FoundOrigin> {
  const lives = await livesIn(store, plan.bucket, plan.cluster);
  const meant = lives.filter(
    ({ incarnation }) => plan.incarnation === undefined || plan.incarnation === incarnation,
  );
  if (meant.length === 0) throw await noSuchLife(store, plan, lives);
  const whole = meant.filter(({ version }) => Number(version) === postgresqlVersion);
  if (whole.length === 0) throw otherVersion(plan, meant, postgresqlVersion);
  const found = whole.flatMap((life) => reach(plan, life) ?? []);
  const last = found.at(-1);
  if (last === undefined) throw outOfReach(plan, whole);
  // A time says which of them was meant; the last one is what is there now. A position is in each of them.
  if (plan.target.kind === "lsn" && found.length > 1) throw whichOne(plan, found);
  return last;
}

/** What a life begins with to get to the target; undefined: it does not get there, as no WAL may be missing on the way. */
function reach(plan: OriginPlan, life: Life): FoundOrigin | undefined {
  const { incarnation: _asked, ca: _known, ...place } = plan;
  const { incarnation, version, backups, wal } = life;
  const origin = { ...place, incarnation, postgresqlVersion: Number(version) };
  switch (plan.target.kind) {
    case "latest": {
      const backup = backups.at(-1);
      const run = runOf(wal.runs, backup);
      // A recovery ends at a gap without a word.
      return backup && run && run === wal.runs.at(-1) ? { origin, backup, life } : undefined;
    }
    case "time": {
      const at = Date.parse(plan.target.time);
      const backup = backups.findLast((one) => one.at !== null && Date.parse(one.at) < at);
      const upTo = endOf(life, runOf(wal.runs, backup));
      return backup && upTo !== null && at <= Date.parse(upTo) ? { origin, backup, life } : undefined;
    }
    case "lsn": {
      const { lsn } = plan.target;
      const backup = backups.findLast(
        ({ endLsn }) => endLsn !== null && positionOf(endLsn) <= positionOf(lsn),
      );
      const run = runOf(wal.runs, backup);
      if (backup === undefined || run === undefined || segmentBefore(lsn) > run.last) return undefined;
      // The image's own script chooses by time: the one that was complete a moment before.
      const after = new Date(Date.parse(backup.at ?? "") + 1000);
      return { origin: { ...origin, backupBefore: after.toISOString() }, backup, life };
    }
    default:
      return plan.target satisfies never;
  }
}

/** The WAL without a gap that a backup is recovered with. */
function runOf(runs: readonly WalRun[], backup: BackupReport | undefined): WalRun | undefined {
  return backup && runs.find((run) => hasWalOf(run, backup));
}

/** Up to when that goes; null: nobody knows. */
function endOf({ wal }: Life, run: WalRun | undefined): string | null {
  if (run === undefined) return null;
  return run === wal.runs.at(-1) ? (wal.last?.at ?? null) : run.lastAt;
}

async function noSuchLife(
  store: StoreToRead,
  { bucket, endpoint, cluster, incarnation }: OriginPlan,
  lives: readonly Life[],
): Promise<Refusal> {
  const place = `s3://${bucket} at ${endpoint}`;
  if (lives.length > 0) {
    const others = lives.map((life) => life.incarnation).join(", ");
    const what = `restoreFrom.incarnation: ${incarnation}: ${place} has no such life of ${cluster}, but ${others}`;
    return new Refusal([what], "Name one of these, or none.");
  }
  const clusters = await foldersIn(store, bucket, "spilo/");
  const there = clusters.length === 0 ? "nothing of any cluster" : `what is of ${clusters.join(", ")}`;
  const what = `restoreFrom.cluster: ${cluster}: ${place} has no backup of it, but ${there}`;
  return new Refusal([what], "Check the name of the cluster, and the bucket.");
}

function otherVersion({ cluster }: OriginPlan, lives: readonly Life[], version: number): Refusal {
  const versions = [...new Set(lives.map((life) => life.version))].join(", ");
  const what = `restoreFrom: ${cluster} was written by PostgreSQL ${versions}, and this cluster is to have ${version}`;
  return new Refusal([what], `Set postgresql.version to ${versions}.`);
}

function outOfReach({ cluster, target }: OriginPlan, lives: readonly Life[]): Refusal {
  const key = target.kind === "latest" ? "restoreFrom" : `restoreFrom.${target.kind}`;
  const what = `${key}: ${cluster} cannot be restored ${targetInWords(target)}: ${lives.map(lifeInWords).join("; ")}`;
  return new Refusal(
    [what],
    target.kind === "latest" ? "Name another incarnation." : "Ask for what lies within, or for latest.",
  );
}

function lifeInWords({ incarnation, window, wal, gaps }: Life): string {
  const until = wal.runs.at(-1) && lsnInWords(Number(endOfSegment(wal.runs.at(-1)?.last ?? 0)));
  const missing = gaps.map(({ first, last, count }) =>
    count === 1 ? `${first} is missing` : `${first} to ${last} are missing`,
  );
  const reaches =
    window === null
      ? "has no whole base backup, or no WAL"
      : `reaches from ${window.from} to ${window.to} (${until})`;
  return [`incarnation ${incarnation} ${reaches}`, ...missing].join("; of its WAL ");
}

function whichOne({ cluster }: OriginPlan, found: readonly FoundOrigin[]): Refusal {
  const lives = found.map(({ life }) => life.incarnation).join(", ");
  const what = `restoreFrom.lsn: a position says nothing of which life is meant, and ${cluster} has several: ${lives}`;
  return new Refusal([what], "Set restoreFrom.incarnation to one of these.");
}
