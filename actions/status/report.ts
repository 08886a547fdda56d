import type { RecoveryObjective } from "../../cluster/plan-types.ts";
import type { HaState } from "../../cluster/running/ha-state.ts";
import type { BackupReport } from "./backups.ts";
import type { CertificateReport } from "./certificates.ts";
import type { MemberReport } from "./members.ts";
import type { ArchiverReport, SlotReport } from "./server-facts.ts";
import type { VoterReport } from "./voters.ts";

/** What will happen by itself at some time. */
export interface ScheduledReport {
  readonly what: string;
  /** As Patroni has it, ISO 8601; null when it does not say. */
  readonly at: string | null;
}

/** A source that could not be asked. What it would have said is null in the report. */
export interface UnknownReport {
  readonly what: string;
  readonly reason: string;
}

/** A member's volume, where a size is declared. */
export interface VolumeReport {
  readonly member: string;
  /** By `resources.volume`. */
  readonly declaredBytes: number;
  readonly usedBytes: number | null;
}

/** What `status` found: plain data, without a secret. Null means that nobody knows. */
export interface StatusReport {
  readonly cluster: string;
  /** ISO 8601, of the machine that asked. */
  readonly observedAt: string;
  readonly haState: HaState | null;
  readonly leader: string | null;
  readonly timeline: number | null;
  /** Patroni leaves the roles alone. */
  readonly paused: boolean | null;
  /** `spiloctl stop` has stopped it. */
  readonly stopped: boolean | null;
  readonly scheduled: readonly ScheduledReport[];
  readonly recovery: RecoveryObjective;
  readonly synchronous: { readonly asked: number; readonly now: number | null };
  readonly members: readonly MemberReport[];
  readonly slots: readonly SlotReport[] | null;
  readonly etcd: readonly VoterReport[];
  readonly endpoint: { readonly address: string; readonly holders: readonly string[] | null };
  readonly archive: ArchiverReport | null;
  readonly backups: { readonly count: number; readonly last: BackupReport | null } | null;
  readonly certificates: readonly CertificateReport[] | null;
  /** Empty: no size is declared. */
  readonly volumes: readonly VolumeReport[];
  /** What is not as it should be, in sentences. Empty: nothing. */
  readonly degraded: readonly string[];
  readonly unknown: readonly UnknownReport[];
}

/** The report before anything is concluded from it. */
export type StatusFacts = Omit<StatusReport, "degraded">;
