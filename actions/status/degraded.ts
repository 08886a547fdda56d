import { andList } from "../../cluster/and-list.ts";
import { type ExitCode, exitCodes } from "../../cluster/running/exit-codes.ts";
import { spanInWords } from "../../cluster/running/span-words.ts";
import { archivingFails } from "../../cluster/running/unarchived.ts";
import { bytesInWords } from "../../cluster/schema/byte-words.ts";
import { nearlyFull } from "../../cluster/upkeep/volume.ts";
import { type CertificateReport, renewalOf } from "./certificates.ts";
import { followingDegradations } from "./following.ts";
import type { MemberReport } from "./members.ts";
import { replicaDegradations } from "./replicas.ts";
import type { StatusFacts, StatusReport, VolumeReport } from "./report.ts";
import type { ArchiverReport } from "./server-facts.ts";
import { slotDegradations } from "./slots.ts";
import { zoneDegradations } from "./zones.ts";

/** A certificate that has fewer days left is due. */
const certificateDays = 30;

/** Finished WAL files that may wait: 16 MB each. */
const waitingWal = 8;

/** For how long one of them may wait, in times of `archive_timeout`. */
const lateTimeouts = 3;

/** How old the last base backup may be, in times of the longest pause of its schedule: it takes its time itself. */
const overdue = 1.5;

/** For how long the second bucket may lack a WAL file at least, whatever `archive_timeout`. Seconds. */
const lateCopySeconds = 60;

/** For how long it may lack a base backup, which may be large. Seconds. */
const lateBackupCopySeconds = 3600;

/** A voter's database may grow to 2 GiB (`quota-backend-bytes`), after which etcd takes no more writes. Bytes. */
const fullVoterBytes = 0.8 * 2 * 1024 ** 3;

/** Everything that is not as it should be, in sentences without a full stop. */
export function degradationsOf(facts: StatusFacts): readonly string[] {
  return [
    ...stateDegradations(facts),
    ...facts.members.flatMap(memberDegradations),
    ...replicaDegradations(facts.replicas),
    ...synchronousDegradations(facts),
    ...followingDegradations(facts),
    ...zoneDegradations(facts),
    ...voterDegradations(facts),
    ...endpointDegradations(facts),
    ...archiveDegradations(facts),
    ...secondDegradations(facts),
    ...slotDegradations(facts),
    ...certificateDegradations(facts),
    ...facts.volumes.flatMap(volumeDegradations),
  ];
}

/** How the whole is told to a script. */
export function exitCodeOf({ haState, leader, degraded, unknown }: StatusReport): ExitCode {
  if (haState === null) return exitCodes.unreachable;
  if (leader === null || haState === "FailingOver") return exitCodes.noLeader;
  return degraded.length > 0 || unknown.length > 0 ? exitCodes.degraded : exitCodes.done;
}

function stateDegradations({ haState, leader, paused, stopped }: StatusFacts): readonly string[] {
  const states: Partial<Record<NonNullable<typeof haState>, string>> = {
    Initializing: "a standby is being made",
    ReplicatingData: "the standbys are catching up",
    RemovingStandby: "a member that is not declared any more is still there",
  };
  const state = haState === null ? undefined : states[haState];
  return [
    ...(stopped === true ? ["it was stopped: `spiloctl start` has it go on"] : []),
    ...(haState !== null && leader === null ? ["no member leads"] : []),
    ...(state === undefined ? [] : [state]),
    ...(paused === true ? ["Patroni is paused: nobody takes over by itself (`spiloctl resume`)"] : []),
  ];
}

function memberDegradations({
  name,
  role,
  state,
  declared,
  answers,
  reason,
}: MemberReport): readonly string[] {
  // One that is only coming is not known well enough to be asked.
  const silent = declared && !answers && reason !== null ? [`${name} does not answer: ${reason}`] : [];
  if (role === null || state === null) return silent.length > 0 ? silent : [`${name} is not in the cluster`];
  return [...silent, ...(state === goodState(role) ? [] : [`${name} is ${state}`])];
}

function goodState(role: string | null): string {
  return role === "leader" || role === "standby_leader" ? "running" : "streaming";
}

function synchronousDegradations({ synchronous: { asked, now }, leader }: StatusFacts): readonly string[] {
  if (leader === null || now === null || now >= asked) return [];
  return [`${now} of ${asked} standbys are synchronous`];
}

function voterDegradations({ etcd }: StatusFacts): readonly string[] {
  return etcd.flatMap(({ name, healthy, reason, dbSizeBytes }) => {
    if (!healthy) return [`voter ${name}: ${reason}`];
    const full = (dbSizeBytes ?? 0) > fullVoterBytes;
    return full ? [`voter ${name}: its database has ${bytesInWords(dbSizeBytes ?? 0)} of 2 GB`] : [];
  });
}

function endpointDegradations({ endpoint: { address, hosts, holders } }: StatusFacts): readonly string[] {
  // Each with an address of its own: one that is not there is among what is unknown.
  if (hosts !== null || holders === null || holders.length === 1) return [];
  return holders.length === 0
    ? [`no proxy holds the address ${address}`]
    : [`${andList(holders)} both hold the address ${address}`];
}

function archiveDegradations({ archive, backups, observedAt, follows }: StatusFacts): readonly string[] {
  // What it has is archived where it is written.
  if (follows !== null) return [];
  const none =
    backups?.count === 0
      ? ["there is no base backup: nothing can be restored"]
      : backupDegradations(backups, observedAt);
  if (archive === null) return none;
  return [...archiverDegradations(archive), ...none];
}

/** Backups that fail leave nothing in the bucket that says so. */
function backupDegradations(backups: StatusFacts["backups"], observedAt: string): readonly string[] {
  const { last, everyMinutes } = backups ?? {};
  if (last?.at == null || everyMinutes == null) return [];
  const age = (Date.parse(observedAt) - Date.parse(last.at)) / 1000;
  if (age <= everyMinutes * 60 * overdue) return [];
  return [
    `the last good base backup is ${spanInWords(age)} old, and there is to be one every ` +
      `${spanInWords(everyMinutes * 60)}: \`spiloctl backup now\` says what it fails by`,
  ];
}

/** Nothing is lost by it, as long as there is room where the WAL waits. */
function archiverDegradations(archive: ArchiverReport): readonly string[] {
  const { lastFailedWal, waiting, oldestWaitingSeconds, timeoutSeconds } = archive;
  const fails = archivingFails(archive);
  const oldest = oldestWaitingSeconds ?? 0;
  const isLate = timeoutSeconds > 0 && oldest > lateTimeouts * timeoutSeconds;
  if (!fails && !isLate && waiting <= waitingWal) return [];
  const what = fails ? `archiving fails, last of ${lastFailedWal}` : "archiving is behind";
  const files = `${waiting} WAL ${waiting === 1 ? "file waits" : "files wait"}`;
  const since = waiting === 0 ? "" : `, the oldest for ${spanInWords(oldest)}`;
  return [
    `${what}: ${files}${since}, on the leader's volume; see to the S3 server (\`spiloctl backup list\` asks it)`,
  ];
}

/** That it does not answer is among what is unknown. */
function secondDegradations({ second, backups, archive, observedAt }: StatusFacts): readonly string[] {
  if (second === null) return [];
  const { waiting, oldestWaitingSeconds, last } = second;
  const oldest = oldestWaitingSeconds ?? 0;
  const newest = backups?.last;
  const age = newest?.at == null ? 0 : (Date.parse(observedAt) - Date.parse(newest.at)) / 1000;
  const why = "copy-archive.log of the leader says why";
  return [
    ...(oldest > Math.max(lateCopySeconds, lateTimeouts * (archive?.timeoutSeconds ?? 0))
      ? [
          `the second bucket is behind: it lacks ${waiting} WAL ${waiting === 1 ? "file" : "files"}, ` +
            `the oldest for ${spanInWords(oldest)}; ${why}`,
        ]
      : []),
    ...(newest != null && newest.name !== last?.name && age > lateBackupCopySeconds
      ? [`the second bucket lacks the base backup ${newest.name}, ${spanInWords(age)} old; ${why}`]
      : []),
  ];
}

/**
 * Once for each part: it shows the same at all its ports. That a part shows none says nothing new of one that is down
 * anyhow.
 */
function certificateDegradations({ certificates, members, replicas, etcd }: StatusFacts): readonly string[] {
  const isWell = ({ role, state, answers }: MemberReport) => answers && state === goodState(role);
  const down = new Set([
    ...members.filter((member) => !isWell(member)).map(({ name }) => name),
    ...replicas.filter(({ answers }) => !answers).map(({ name }) => name),
    ...etcd.filter(({ healthy }) => !healthy).map(({ name }) => name),
  ]);
  const parts = new Set((certificates ?? []).map(({ part }) => part));
  return [...parts].flatMap((part) => {
    const own = (certificates ?? []).filter((one) => one.part === part);
    const missing = own.find(({ daysLeft }) => daysLeft === null);
    const [first] = own.toSorted((a, b) => (a.daysLeft ?? Infinity) - (b.daysLeft ?? Infinity));
    return [
      ...(missing === undefined || down.has(part) ? [] : [`${part} shows no certificate at ${missing.at}`]),
      ...(first === undefined ? [] : dueIn(first)),
    ];
  });
}

function dueIn({ part, daysLeft }: CertificateReport): readonly string[] {
  if (daysLeft === null || daysLeft >= certificateDays) return [];
  const end = daysLeft < 0 ? "has expired" : `expires in ${daysLeft} ${daysLeft === 1 ? "day" : "days"}`;
  return [`the certificate of ${part} ${end}: ${renewalOf(part)}`];
}

/** Nothing stops it from growing further: the disk below it is the host's. */
function volumeDegradations({ member, declaredBytes, usedBytes }: VolumeReport): readonly string[] {
  if (usedBytes === null || usedBytes <= declaredBytes * nearlyFull) return [];
  const share = Math.floor((usedBytes / declaredBytes) * 100);
  return [
    `the volume of ${member} has ${bytesInWords(usedBytes)} of the ${bytesInWords(declaredBytes)} ` +
      `that are declared (${share} %): raise resources.volume, or remove data`,
  ];
}
