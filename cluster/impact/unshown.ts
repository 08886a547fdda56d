import { planCluster } from "../plan.ts";
import { checkChange } from "../rules/change-rules.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecReading } from "../schema/spec.ts";
import type { Declared } from "./change.ts";
import { type Configured, readWritten } from "./declared.ts";
import { partsOf } from "./parts.ts";
import type { Preview, Step } from "./preview.ts";

/**
 * What a cluster is to be of which a preview shows no specification, as it leaves out what stays the same, and another
 * specification alone touches nothing. The configuration has it, where it is of this cluster and the preview is what follows
 * from it; else it is what the cluster is.
 *
 * @param steps those of the cluster.
 * @returns undefined: the steps follow from neither.
 */
export function unshown(
  before: Declared | undefined,
  steps: readonly Step[],
  { errors }: Preview,
  configured: Configured,
): SpecReading | undefined {
  const hasFailed = errors.length > 0;
  const written = readWritten(configured);
  if (written?.spec !== undefined && isOf(written.spec, before, steps)) {
    const isSound =
      written.issues.length === 0 &&
      (before === undefined || checkChange(before.spec, written.spec).length === 0);
    if (hasFailed || (isSound && follows(steps, written.spec))) return written;
  }
  if (before === undefined || !(hasFailed || follows(steps, before.spec))) return undefined;
  return { spec: before.spec, issues: [] };
}

/** Of a cluster as a whole, after its name. */
const ofAll = ["settings", "departure", "ready", "roles", "authority", "trusted"];

/** Whether a specification is of the cluster whose steps they are: by its name, or by what is named by it. */
function isOf(spec: ClusterSpec, before: Declared | undefined, steps: readonly Step[]): boolean {
  if (before !== undefined) return before.spec.name === spec.name;
  const names = partsOf(planCluster(spec)).map(({ plan }) => plan.name);
  const isPart = (name: string) => names.some((part) => name === part || name.startsWith(`${part}-`));
  return steps.some(({ name }) => isPart(name) || ofAll.some((what) => name === `${spec.name}-${what}`));
}

/** Whether nothing is made that the specification has not, and nothing removed that it has. */
function follows(steps: readonly Step[], spec: ClusterSpec): boolean {
  const names = new Set(partsOf(planCluster(spec)).map(({ plan }) => plan.name));
  return steps
    .filter(({ type }) => type === "docker:index/container:Container")
    .every(({ op, name }) => (op === "create" ? names.has(name) : op !== "delete" || !names.has(name)));
}
