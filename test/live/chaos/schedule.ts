import { type MemberFaultName, memberFaults } from "../member-faults.ts";
import { dice } from "./dice.ts";

/** What happens to a cluster: a member is lost in some way, another part of it is, or its leader is told to hand over. */
export type FaultKind = MemberFaultName | "voter killed" | "proxy killed" | "switchover";

/** Every kind there is. */
export const faultKinds: readonly FaultKind[] = [
  ...Object.keys(memberFaults).filter(isMemberFault),
  "voter killed",
  "proxy killed",
  "switchover",
];

export function isMemberFault(kind: string): kind is MemberFaultName {
  return kind in memberFaults;
}

/** A fault to come. Which member it meets is decided then: who leads depends on what happened before. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** Of the members, this one. */
  readonly role: "leader" | "standby";
  /** Which of several that can be meant: from 0 up to, and not including, 1. */
  readonly which: number;
  /** How long it lasts before it is mended, milliseconds. */
  readonly holdMs: number;
  /** How long all is left alone when the cluster is whole again, milliseconds. */
  readonly restMs: number;
}

/** Nobody runs it for so long. */
const MOST_ROUNDS = 1_000;

/** A leader that is away for less than its lease may come back as the leader; after it, another one leads. */
const WITHIN_LEASE_MS: Range = [1_000, 8_000];
const PAST_LEASE_MS: Range = [24_000, 30_000];
const REST_MS: Range = [1_000, 4_000];

/** Least and most. */
type Range = readonly [number, number];

/**
 * Faults by chance, the same for the same seed. Each kind comes once before any comes again, so that a short run meets
 * most of them.
 */
export function* plannedFaults(seed: number): Generator<PlannedFault, void> {
  const { fraction, between, shuffled } = dice(seed);
  const within = ([least, most]: Range) => between(least, most);
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    for (const kind of shuffled(faultKinds)) {
      yield {
        kind,
        role: fraction() < 2 / 3 ? "leader" : "standby",
        which: fraction(),
        holdMs: within(fraction() < 1 / 3 ? PAST_LEASE_MS : WITHIN_LEASE_MS),
        restMs: within(REST_MS),
      };
    }
  }
}
