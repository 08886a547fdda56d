import { RENEWAL_DAYS } from "../certificates/certificate-renewal.ts";
import { type CertificateReport, renewalOf } from "../status/certificates.ts";
import type { MemberReport } from "../status/members.ts";
import type { ScheduledReport, StatusReport } from "../status/report.ts";
import type { Length, Lengths } from "./lengths.ts";

/** A member that restarts when it suits: what `spiloctl maintain` does by itself. */
export interface PendingRestart {
  readonly kind: "restart";
  readonly member: string;
  readonly role: "leader" | "standby";
  /** What waits for it. */
  readonly parameters: readonly string[];
  readonly expected: Length;
  /** For how long nobody is expected to write, milliseconds; null: nobody has measured it yet, or it is a standby. */
  readonly outageMs: number | null;
}

/** Something that somebody else does. */
interface OtherWork {
  readonly kind: "certificate" | "scheduled";
  /** As the start of a sentence: `certificate of dev-1, which expires in 12 days`. */
  readonly what: string;
  /** Who does it, as a sentence has it. */
  readonly by: string;
  /** When, ISO 8601; null: when somebody runs it. */
  readonly at: string | null;
  readonly expected: Length | null;
}

export type PendingWork = PendingRestart | OtherWork;

/** What a look at the cluster has to say of it. */
type Seen = Pick<StatusReport, "members" | "certificates" | "scheduled">;

/** An `up` that renews certificates: it writes a few files, and has each part take them up. */
const renewal: Length = { milliseconds: 60_000, measured: false };

/** The restarts in the order in which they are done, standbys first and the leader last; then what others do. */
export function pendingWork(seen: Seen, lengths: Lengths): readonly PendingWork[] {
  const restarts = seen.members.flatMap((member) => restartOf(member, lengths));
  return [
    ...restarts.filter(({ role }) => role === "standby"),
    ...restarts.filter(({ role }) => role === "leader"),
    ...(seen.certificates ?? []).filter(isFirstOfPart).flatMap(dueRenewal),
    ...seen.scheduled.map(scheduledWork),
  ];
}

function restartOf(
  { name, role, pendingRestart }: MemberReport,
  lengths: Lengths,
): readonly PendingRestart[] {
  if (pendingRestart.length === 0) return [];
  const leads = role === "leader" || role === "standby_leader";
  const work = { kind: "restart", member: name, parameters: pendingRestart } as const;
  return leads
    ? [{ ...work, role: "leader", expected: lengths.leader, outageMs: lengths.outageMs }]
    : [{ ...work, role: "standby", expected: lengths.standby, outageMs: null }];
}

/** A part shows the same certificate at all of its ports. */
function isFirstOfPart(
  { part }: CertificateReport,
  index: number,
  all: readonly CertificateReport[],
): boolean {
  return all.findIndex((one) => one.part === part) === index;
}

function dueRenewal({ part, daysLeft }: CertificateReport): readonly OtherWork[] {
  if (daysLeft === null || daysLeft >= RENEWAL_DAYS) return [];
  const end = daysLeft < 0 ? "which has expired" : `of which ${daysLeft} days are left`;
  const what = `certificate of ${part}, ${end}`;
  return [{ kind: "certificate", what, by: renewalOf(part), at: null, expected: renewal }];
}

function scheduledWork({ what, at }: ScheduledReport): OtherWork {
  return { kind: "scheduled", what, by: "Patroni does it by itself", at, expected: null };
}
