import { andList } from "../../cluster/and-list.ts";
import { zonesInWords } from "../../cluster/placement/zones-in-words.ts";
import { spanInWords } from "../../cluster/running/span-words.ts";
import { bytesInWords } from "../../cluster/schema/byte-words.ts";
import type { MemberReport } from "../status/members.ts";
import type { ReplicaReport } from "../status/replicas.ts";
import type { StatusReport } from "../status/report.ts";
import { columns } from "./columns.ts";
import { followsText } from "./follows-text.ts";
import type { Paint, Tone } from "./paint.ts";
import { windowInWords } from "./words.ts";

/** The report for people: the state, the members, the rest in a line each, and last what is not as it should be. */
export function statusLines(report: StatusReport, paint: Paint): readonly string[] {
  const { notes, degraded, unknown } = report;
  const withZones = hasZones(report);
  const facts: readonly (readonly [label: string, texts: readonly string[]])[] = [
    ["follows", report.follows === null ? [] : [followsText(report.follows)]],
    ["placement", withZones ? [placementText(report)] : []],
    ["etcd", [etcdText(report)]],
    ["endpoint", [endpointText(report)]],
    ["archive", [archiveText(report)]],
    ["backups", [backupsText(report)]],
    ["recoverable", [recoverableText(report)]],
    ["second", secondTexts(report)],
    ["slots", [slotsText(report)]],
    ["certificates", [certificatesText(report)]],
    ["volumes", volumesTexts(report)],
    ["recovery", [recoveryText(report)]],
    ["scheduled", report.scheduled.map(({ what, at }) => (at === null ? what : `${what} at ${at}`))],
  ];
  return [
    headline(report, paint),
    "",
    ...columns([
      ...report.members.map((member) => memberRow(member, withZones)),
      ...report.replicas.map((replica) => replicaRow(replica, withZones)),
    ]).map((line) => `  ${line}`),
    "",
    ...facts.flatMap(([label, texts]) => labelled(label, texts)),
    ...labelled("note", notes),
    ...labelled("degraded", degraded, (text) => paint("bad", text)),
    ...labelled(
      "unknown",
      unknown.map(({ what, reason }) => `${what}: ${reason}`),
      (text) => paint("warn", text),
    ),
  ];
}

const LABEL_WIDTH = 12;

/** The label stands before the first text alone; nothing without one. */
function labelled(
  label: string,
  texts: readonly string[],
  painted: (text: string) => string = (text) => text,
): readonly string[] {
  return texts.map((text, index) => {
    const before = (index === 0 ? label : "").padEnd(LABEL_WIDTH);
    return `  ${index === 0 ? painted(before) : before}  ${text}`;
  });
}

function headline(
  { cluster, haState, leader, timeline, paused, stopped }: StatusReport,
  paint: Paint,
): string {
  const words = [
    leader === null ? "nobody leads" : `${leader} leads on timeline ${timeline ?? "unknown"}`,
    ...(stopped === true ? ["stopped"] : []),
    ...(paused === true ? ["paused"] : []),
  ];
  if (haState === null) return `${cluster}  ${paint("bad", "no member answers")}`;
  return `${cluster}  ${paint(toneOf(haState), haState)}  ${words.join(", ")}`;
}

function toneOf(haState: NonNullable<StatusReport["haState"]>): Tone {
  if (haState === "Healthy" || haState === "NotEnabled") return "good";
  return haState === "FailingOver" ? "bad" : "warn";
}

function memberRow(member: MemberReport, withZones: boolean): readonly string[] {
  const { name, role, state, zone, address, timeline, lagBytes, lagSeconds, pendingRestart, declared } =
    member;
  const behind = lagSeconds === null ? "" : `, ${spanInWords(lagSeconds)}`;
  const leads = role === "leader" || role === "standby_leader";
  const notes = [
    ...(pendingRestart.length === 0 ? [] : [`restart pending for ${pendingRestart.join(", ")}`]),
    ...(member.nosync === true ? ["nosync"] : []),
    ...(declared ? [] : ["not declared"]),
    ...(member.answers || !declared ? [] : ["does not answer"]),
  ];
  return [
    name,
    role === null ? "absent" : (roleWords[role] ?? role),
    state ?? "",
    ...(withZones ? [zone === null ? "" : `zone ${zone}`] : []),
    address ?? "",
    timeline === null ? "" : `timeline ${timeline}`,
    leads || role === null
      ? ""
      : lagBytes === null
        ? "lag unknown"
        : `lag ${bytesInWords(lagBytes)}${behind}`,
    notes.join("; "),
  ];
}

function replicaRow(replica: ReplicaReport, withZones: boolean): readonly string[] {
  const { name, state, zone, address, timeline, lagBytes, upstream, applyDelaySeconds, declared } = replica;
  const notes = [
    ...(applyDelaySeconds === null ? [] : [`delayed by ${spanInWords(applyDelaySeconds)}`]),
    ...(upstream === null ? [] : [`follows ${upstream}`]),
    ...(declared ? [] : ["not declared"]),
    ...(replica.answers || !declared ? [] : ["does not answer"]),
  ];
  return [
    name,
    state === null ? "absent" : "read replica",
    state ?? "",
    ...(withZones ? [zone === null ? "" : `zone ${zone}`] : []),
    address ?? "",
    timeline === null ? "" : `timeline ${timeline}`,
    state === null ? "" : lagBytes === null ? "lag unknown" : `lag ${bytesInWords(lagBytes)}`,
    notes.join("; "),
  ];
}

const roleWords: Readonly<Record<string, string>> = {
  sync_standby: "sync standby",
  quorum_standby: "quorum",
  standby_leader: "standby leader",
};

const nobodyKnows = "unknown";

/** With a single zone, there is nothing to tell of it. */
function hasZones({ placement }: StatusReport): boolean {
  return placement !== null && placement.zones.length > 1;
}

/** `cross-zone, members in zones a and b, witness in w, the primary belongs in zone a`. */
function placementText({ placement, members }: StatusReport): string {
  if (placement === null) return nobodyKnows;
  const { mode, primaryZone, zones } = placement;
  const holding = [...new Set(members.flatMap(({ zone }) => (zone === null ? [] : [zone])))];
  const witnesses = zones.filter(({ witness }) => witness).map(({ name }) => name);
  return [
    mode,
    ...(holding.length === 0 ? [] : [`members in ${zonesInWords(holding)}`]),
    ...(witnesses.length === 0 ? [] : [`witness in ${andList(witnesses)}`]),
    ...(primaryZone === null ? [] : [`the primary belongs in zone ${primaryZone}`]),
  ].join(", ");
}

function etcdText({ etcd }: StatusReport): string {
  const healthy = etcd.filter((voter) => voter.healthy);
  const leader = etcd.find(({ leads }) => leads === true);
  const largest = Math.max(0, ...etcd.map(({ dbSizeBytes }) => dbSizeBytes ?? 0));
  return [
    `${healthy.length} of ${etcd.length} voters healthy`,
    ...(leader === undefined ? [] : [`${leader.name} leads`]),
    ...(largest === 0 ? [] : [bytesInWords(largest)]),
  ].join(", ");
}

function endpointText({ endpoint: { address, hosts, holders } }: StatusReport): string {
  if (hosts !== null) return `${hosts.join(", ")}, one after the other`;
  if (holders === null) return `${address}, holder unknown`;
  return holders.length === 0 ? `${address}, held by nobody` : `${address}, held by ${andList(holders)}`;
}

function archiveText({ archive }: StatusReport): string {
  if (archive === null) return nobodyKnows;
  const { lastWal, lastSeconds, waiting, oldestWaitingSeconds, failures } = archive;
  // A server counts from its last start as the leader.
  const last =
    lastWal === null || lastSeconds === null
      ? "no WAL archived since the leader leads"
      : `last WAL ${lastWal} ${spanInWords(lastSeconds)} ago`;
  const oldest =
    oldestWaitingSeconds === null ? "" : ` (the oldest for ${spanInWords(oldestWaitingSeconds)})`;
  return `${last}, ${waiting} waiting${oldest}, ${failures} ${failures === 1 ? "failure" : "failures"}`;
}

function backupsText({ backups, observedAt }: StatusReport): string {
  if (backups === null) return nobodyKnows;
  const { count, last } = backups;
  if (last === null) return "none";
  const age = last.at === null ? undefined : (Date.parse(observedAt) - Date.parse(last.at)) / 1000;
  const when = age === undefined ? "" : ` ${spanInWords(Math.max(0, age))} ago`;
  return `${count}, the last ${last.name}${when}, ${bytesInWords(last.sizeBytes)}`;
}

function recoverableText({ backups }: StatusReport): string {
  return backups === null ? nobodyKnows : windowInWords(backups.window);
}

/** None where there is no second bucket. */
function secondTexts({ second }: StatusReport): readonly string[] {
  if (second === null) return [];
  const { bucket, lastWal, waiting, oldestWaitingSeconds, count, window } = second;
  const oldest =
    oldestWaitingSeconds === null ? "" : ` (the oldest for ${spanInWords(oldestWaitingSeconds)})`;
  const lacks = waiting === null ? "" : `, lacks ${waiting}${oldest}`;
  const backups = `${count} ${count === 1 ? "backup" : "backups"}`;
  const wal = lastWal === null ? "no WAL" : `last WAL ${lastWal}`;
  return [`${bucket}: ${wal}${lacks}, ${backups}, recoverable ${windowInWords(window)}`];
}

function slotsText({ slots }: StatusReport): string {
  if (slots === null) return nobodyKnows;
  if (slots.length === 0) return "none";
  const texts = slots.map(({ name, active, retainedBytes }) => {
    const retained = retainedBytes === null ? "" : ` ${bytesInWords(Math.max(0, retainedBytes))}`;
    return `${name}${retained}${active ? "" : " (not in use)"}`;
  });
  return texts.join(", ");
}

function certificatesText({ certificates }: StatusReport): string {
  if (certificates === null) return nobodyKnows;
  const dated = certificates.flatMap(({ part, at, daysLeft }) =>
    daysLeft === null ? [] : [{ daysLeft, where: at === null ? part : `${part} at ${at}` }],
  );
  const [first] = dated.sort((a, b) => a.daysLeft - b.daysLeft);
  if (first === undefined) return `none of ${certificates.length} is shown`;
  return `${dated.length} of ${certificates.length} seen, the first ends in ${first.daysLeft} days (${first.where})`;
}

/** None when no size is declared. */
function volumesTexts({ volumes }: StatusReport): readonly string[] {
  return volumes.map(({ member, declaredBytes, usedBytes }) => {
    const used = usedBytes === null ? nobodyKnows : bytesInWords(usedBytes);
    return `${member} ${used} of ${bytesInWords(declaredBytes)} declared`;
  });
}

function recoveryText({ recovery, synchronous: { asked, now } }: StatusReport): string {
  if (asked === 0) return `${recovery}, no commit waits for a standby`;
  const count = now === null ? "an unknown number" : `${now}`;
  return `${recovery}, ${count} of the standbys synchronous (${asked} needed)`;
}
