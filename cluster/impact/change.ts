import type { ClusterPlan, DynamicSettings } from "../plan-types.ts";
import type { RoleObservation } from "../running/switchover-checks.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { FigureSource } from "./claims.ts";
import type { PartChanges } from "./parts.ts";

/** A specification, and what follows from it. */
export interface Declared {
  readonly spec: ClusterSpec;
  readonly plan: ClusterPlan;
}

/** A change of one cluster, however it is known. */
export interface Change {
  /** Undefined: the cluster is new. */
  readonly before: Declared | undefined;
  /** Undefined: it is removed. */
  readonly after: Declared | undefined;
  /** Why it will not be carried out; empty: nothing speaks against it. */
  readonly refusals: readonly SpecIssue[];
  readonly parts: PartChanges;
  /** Patroni's `/config` as the state has it and as it is to be. @default those of the plans */
  readonly settings?: { readonly from: DynamicSettings; readonly to: DynamicSettings } | undefined;
  /** Nobody says what it is to be: `after` is what it is, and only the parts are known. @default false */
  readonly isGuessed?: boolean;
}

/** How long something has kept applications from writing, milliseconds, and where that is known from. */
export interface Figure {
  readonly expectedMs: number;
  readonly worstMs: number;
  readonly source: FigureSource;
}

/** What one look at the running cluster has found. */
export interface Seen {
  readonly roles: RoleObservation;
  /** Logical slots of the leader's; null: it could not be asked. */
  readonly logicalSlots: readonly string[] | null;
  /** From its own history; absent: nothing was measured. */
  readonly switchover?: Figure | undefined;
  readonly restart?: Figure | undefined;
}
