import type { SpecReading } from "../schema/spec.ts";
import type { Declared } from "./change.ts";
import { comparePlans } from "./compare-plans.ts";
import {
  type ClusterChange,
  type Configured,
  declared,
  declaredFrom,
  isSpecification,
  nameIn,
  readWritten,
  refusalsOf,
} from "./declared.ts";
import type { Step } from "./preview.ts";

/**
 * The changes from an exported state to what is configured, without a preview: by the plans alone.
 *
 * @returns one a cluster of the state; of a cluster that is not there yet, one as well. None: the configuration declares
 *   nothing, or of several clusters none.
 */
export function plannedChanges(state: readonly Step[], configured: Configured): readonly ClusterChange[] {
  const now = readWritten(configured);
  if (now === undefined) return [];
  const there = state
    .filter(isSpecification)
    .flatMap((step) => declared(step.before?.["specification"]) ?? []);
  if (there.length < 2) return [plannedChange(there[0], now)];
  // Which of them is configured is told by the name.
  const name = nameIn(configured);
  if (there.every((before) => before.spec.name !== name)) return [];
  return there.map((before) =>
    before.spec.name === name
      ? plannedChange(before, now)
      : { ...plannedChange(before, { spec: before.spec, issues: [] }), unknown: [declaresAnother] },
  );
}

const declaresAnother = "what it is to be: the configuration of the stack declares another cluster";

function plannedChange(before: Declared | undefined, now: SpecReading): ClusterChange {
  const after = declaredFrom(now) ?? before;
  const refusals = refusalsOf(before, now, []);
  const parts = comparePlans(before?.plan, after?.plan);
  const change = { before, after, refusals, parts };
  return { cluster: (before ?? after)?.spec.name ?? "", change, unknown: [] };
}
