import type { RecoveryObjective } from "../../cluster/plan-types.ts";
import type { HaState } from "../../cluster/running/ha-state.ts";
import type { RecoverableWindow } from "../archive/recoverable-window.ts";
import type { SecondReport } from "../archive/second.ts";
import type { BackupReport } from "../archive/stored-backups.ts";
import type { DeclaredSlots } from "../patroni/declared-slots.ts";
import type { Followed } from "../standby/followed.ts";
import type { CertificateReport } from "./certificates.ts";
import type { MemberReport } from "./members.ts";
import type { ReplicaReport } from "./replicas.ts";
import type { ArchiverReport, SlotReport, SourceReport } from "./server-facts.ts";
import type { VoterReport } from "./voters.ts";
import type { PlacementReport } from "./zones.ts";

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
  /** The other cluster that is followed, and how far behind it this one is; null: it leads by itself. */
  readonly follows: (Followed & { readonly source: SourceReport | null }) | null;
  readonly synchronous: { readonly asked: number; readonly now: number | null };
  /** Null: the stack was brought up by an earlier version. */
  readonly placement: PlacementReport | null;
  readonly members: readonly MemberReport[];
  /** Those that never lead. Nothing else in the report counts them. */
  readonly replicas: readonly ReplicaReport[];
  readonly slots: readonly SlotReport[] | null;
  /** Null: nobody knows. */
  readonly declaredSlots: DeclaredSlots | null;
  readonly etcd: readonly VoterReport[];
  readonly endpoint: {
    readonly address: string;
    /** Of each proxy, where clients try one after the other; null: `address` moves between them. */
    readonly hosts: readonly string[] | null;
    /** The proxies that hold `address`, or their own of `hosts`; null: nobody says so. */
    readonly holders: readonly string[] | null;
  };
  readonly archive: ArchiverReport | null;
  readonly backups: {
    readonly count: number;
    readonly last: BackupReport | null;
    /** Null: nothing can be restored. */
    readonly window: RecoverableWindow | null;
    /** The longest time between two of the schedule, minutes; null: nobody knows. */
    readonly everyMinutes: number | null;
  } | null;
  /** What it is copied to; null: nowhere, or it does not answer. */
  readonly second: SecondReport | null;
  readonly certificates: readonly CertificateReport[] | null;
  /** Empty: no size is declared. */
  readonly volumes: readonly VolumeReport[];
  /** What is not as it was wished for, in sentences: no fault, so the exit code does not tell of it. */
  readonly notes: readonly string[];
  /** What is not as it should be, in sentences. Empty: nothing. */
  readonly degraded: readonly string[];
  readonly unknown: readonly UnknownReport[];
}

/** The report before anything is concluded from it. */
export type StatusFacts = Omit<StatusReport, "degraded" | "notes">;
