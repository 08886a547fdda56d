import { planCluster } from "../plan.ts";
import { checkChange } from "../rules/change-rules.ts";
import { readSpec, type SpecReading } from "../schema/spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { guardedIn } from "../schema/stack-defaults.ts";
import { settingsDocument } from "../settings/settings-document.ts";
import type { Change, Declared } from "./change.ts";
import { comparePlans } from "./compare-plans.ts";
import { noParts } from "./parts.ts";
import { type Preview, previewedParts, type Step } from "./preview.ts";
import { refusalsIn } from "./refusals.ts";

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

/**
 * The changes that a preview shows, one a cluster. What its program or a resource has refused stops all of them; where no
 * cluster is known yet, it is told of the one that was to be.
 *
 * @param state what the stack's exported state has, where the preview leaves out what stays the same.
 */
export function previewedChanges(
  preview: Preview,
  configured: Configured,
  state: readonly Step[] = [],
): readonly ClusterChange[] {
  const shown = shownChanges(preview, configured, state);
  const refusals = refusalsIn(preview.errors);
  if (refusals.length === 0) return shown;
  if (shown.length === 0) return [refusedAtOnce(configured, refusals)];
  return shown.map((one) => ({ ...one, change: { ...one.change, refusals } }));
}

function refusedAtOnce(configured: Configured, refusals: readonly SpecIssue[]): ClusterChange {
  const change = { before: undefined, after: undefined, refusals, parts: noParts };
  return { cluster: nameIn(configured) ?? configured.stack, change, unknown: [] };
}

/** As it is written, also where the rest is refused. */
function nameIn({ specification }: Configured): string | undefined {
  if (typeof specification !== "object" || specification === null || !("name" in specification))
    return undefined;
  return typeof specification.name === "string" ? specification.name : undefined;
}

function shownChanges(
  preview: Preview,
  configured: Configured,
  state: readonly Step[],
): readonly ClusterChange[] {
  return componentsIn([...preview.steps, ...state]).flatMap((urn) => {
    const steps = preview.steps.filter(({ parent }) => parent === urn);
    const shown = steps.find(isSpecification);
    const kept = state.find((step) => step.parent === urn && isSpecification(step));
    const isRemoved = steps.some(({ op, type }) => op === "delete" && type === GUARD);
    const before = declared(shown?.before?.["specification"] ?? kept?.before?.["specification"]);
    // One that has failed shows none.
    const is = shown?.after?.["specification"];
    const now = is === undefined ? readWritten(configured) : readSpec(is);
    const after = isRemoved ? undefined : declaredFrom(now);
    const isNew = shown?.op === "create";
    // Without its former specification, what the resources say is all that is known.
    const former = before ?? (isNew ? undefined : after);
    if (former === undefined && after === undefined) return [];
    const change: Change = {
      before: former,
      after,
      refusals: refusalsOf(before, isRemoved ? undefined : now, steps),
      parts: previewedParts(steps, former?.plan, after?.plan),
      settings: settingsIn(steps),
    };
    const unknown = before === undefined && !isNew ? [withoutFormer] : [];
    return [{ cluster: (former ?? after)?.spec.name ?? "", change, unknown }];
  });
}

const withoutFormer =
  "the former specification: the preview leaves out what stays the same. Make it with `--show-sames`, or hand in the " +
  "stack's exported state with --state";

/**
 * The changes from an exported state to what is configured, without a preview: by the plans alone.
 *
 * @returns one a cluster of the state; of a cluster that is not there yet, one as well.
 */
export function plannedChanges(state: readonly Step[], configured: Configured): readonly ClusterChange[] {
  const now = readWritten(configured);
  const there = state.filter(isSpecification).map((step) => declared(step.before?.["specification"]));
  if (there.length < 2) return [plannedChange(there[0], now)];
  // Which of them is configured is told by the name.
  return there.map((before) => {
    if (now?.spec === undefined || now.spec.name === before?.spec.name) return plannedChange(before, now);
    const same = plannedChange(before, before && { spec: before.spec, issues: [] });
    return {
      ...same,
      unknown: ["what it is to be: the configuration of the stack declares another cluster"],
    };
  });
}

function plannedChange(before: Declared | undefined, now: SpecReading | undefined): ClusterChange {
  const after = declaredFrom(now) ?? before;
  const unknown = now === undefined ? ["what it is to be: the configuration has no spilo:cluster"] : [];
  const refusals = refusalsOf(before, now, []);
  const parts = comparePlans(before?.plan, after?.plan);
  return { cluster: (before ?? after)?.spec.name ?? "", change: { before, after, refusals, parts }, unknown };
}

const GUARD = "spilo:index:Guard";

function isSpecification({ type }: Step): boolean {
  return type === "spilo:index:Specification";
}

/** Of the clusters, in the order in which their resources come. */
function componentsIn(steps: readonly Step[]): readonly string[] {
  const parents = steps.filter(({ type }) => type.startsWith("spilo:index:")).map(({ parent }) => parent);
  return [...new Set(parents)].filter(
    (urn): urn is string => urn !== undefined && /::spilo:index:SpiloCluster::/.test(urn),
  );
}

/** Undefined: the program has its specification from elsewhere. */
function readWritten({ stack, specification, images }: Configured): SpecReading | undefined {
  if (typeof specification !== "object" || specification === null) return undefined;
  return readSpec(guardedIn(stack, specification), images);
}

/** One may have what is refused by now: the sound part of it counts. */
function declared(specification: unknown): Declared | undefined {
  return specification === undefined ? undefined : declaredFrom(readSpec(specification));
}

function declaredFrom(reading: SpecReading | undefined): Declared | undefined {
  const spec = reading?.spec;
  return spec === undefined ? undefined : { spec, plan: planCluster(spec) };
}

function refusalsOf(
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

/** As the state has them: what an earlier version of this project has written may be something else. */
function settingsIn(steps: readonly Step[]): Change["settings"] {
  const step = steps.find(({ type, op }) => type === "spilo:index:DynamicSettings" && op === "update");
  const [from, to] = [step?.before, step?.after].map((inputs) =>
    settingsDocument.safeParse(inputs?.["settings"]),
  );
  return from?.success && to?.success ? { from: from.data, to: to.data } : undefined;
}
