import { planCluster } from "../plan.ts";
import { checkChange } from "../rules/change-rules.ts";
import { readSpec, type SpecReading } from "../schema/spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { guardedIn } from "../schema/stack-defaults.ts";
import type { Change, Declared } from "./change.ts";
import type { Step } from "./preview.ts";

/** A change of one of the clusters of a stack. */
export interface ClusterChange {
  /** By its former specification, or by the new one where there is no former. */
  readonly cluster: string;
  readonly change: Change;
  /** What could not be known, and why: sentences. */
  readonly unknown: readonly string[];
}

/** What stands in the configuration of a stack. */
export interface Configured {
  readonly stack: string;
  /** `spilo:cluster`; undefined: the program takes its specification from elsewhere. */
  readonly specification: unknown;
  /** `spilo:images`. */
  readonly images: unknown;
}

/** As it is written, also where the rest is refused. */
export function nameIn({ specification }: Configured): string | undefined {
  if (typeof specification !== "object" || specification === null || !("name" in specification))
    return undefined;
  return typeof specification.name === "string" ? specification.name : undefined;
}

/** Of the resource that holds what a cluster was last made from. */
export function isSpecification({ type }: Step): boolean {
  return type === "spilo:index:Specification";
}

/** Undefined: the program has its specification from elsewhere. */
export function readWritten({ stack, specification, images }: Configured): SpecReading | undefined {
  if (typeof specification !== "object" || specification === null) return undefined;
  return readSpec(guardedIn(stack, specification), images);
}

/** One may have what is refused by now: the sound part of it counts. */
export function declared(specification: unknown): Declared | undefined {
  return specification === undefined ? undefined : declaredFrom(readSpec(specification));
}

export function declaredFrom(reading: SpecReading | undefined): Declared | undefined {
  const spec = reading?.spec;
  return spec === undefined ? undefined : { spec, plan: planCluster(spec) };
}

/** Why a change may not be made, by the two specifications; `steps` are those of a cluster that is removed. */
export function refusalsOf(
  before: Declared | undefined,
  now: SpecReading | undefined,
  steps: readonly Step[],
): readonly SpecIssue[] {
  if (now === undefined) {
    const isProtected = steps.some((step) => step.op === "delete" && step.isProtected);
    return isProtected ? [protectedIssue] : [];
  }
  if (now.issues.length > 0 || now.spec === undefined || before === undefined) return now.issues;
  return checkChange(before.spec, now.spec);
}

const protectedIssue: SpecIssue = {
  path: "deletionProtection",
  message: "is on, so the cluster cannot be removed",
  remedy: "Set deletionProtection: false, run `pulumi up`, and remove it then.",
};
