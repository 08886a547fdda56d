import { readSpec } from "../schema/spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { settingsDocument } from "../settings/settings-document.ts";
import type { Change } from "./change.ts";
import {
  type ClusterChange,
  type Configured,
  declared,
  declaredFrom,
  isSpecification,
  nameIn,
  refusalsOf,
} from "./declared.ts";
import { noParts } from "./parts.ts";
import { type Preview, previewedParts, type Step } from "./preview.ts";
import { refusalsIn } from "./refusals.ts";
import { unshown } from "./unshown.ts";

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

function shownChanges(
  preview: Preview,
  configured: Configured,
  state: readonly Step[],
): readonly ClusterChange[] {
  return componentsIn([...preview.steps, ...state]).flatMap(
    (urn) => changeOf(urn, preview, configured, state) ?? [],
  );
}

/** Undefined: neither the preview, nor the state, nor the configuration has a specification that its steps follow from. */
function changeOf(
  urn: string,
  preview: Preview,
  configured: Configured,
  state: readonly Step[],
): ClusterChange | undefined {
  const steps = preview.steps.filter(({ parent }) => parent === urn);
  const shown = steps.find(isSpecification);
  const kept = state.find((step) => step.parent === urn && isSpecification(step));
  const isRemoved = steps.some(({ op, type }) => op === "delete" && endsWith.has(type));
  const before = declared(shown?.before?.["specification"] ?? kept?.before?.["specification"]);
  const is = shown?.after?.["specification"];
  // What is removed is not to be anything.
  const now =
    is !== undefined ? readSpec(is) : isRemoved ? undefined : unshown(before, steps, preview, configured);
  if (now === undefined && !isRemoved) return undefined;
  const after = isRemoved ? undefined : declaredFrom(now);
  const isNew = shown?.op === "create";
  // Without its former specification, what the resources say is all that is known.
  const former = before ?? (isNew ? undefined : after);
  if (former === undefined && after === undefined) return undefined;
  const change: Change = {
    before: former,
    after,
    refusals: refusalsOf(before, isRemoved ? undefined : now, steps),
    parts: previewedParts(steps, former?.plan, after?.plan),
    settings: settingsIn(steps),
    isGuessed: before !== undefined && now?.spec === before.spec && steps.some(({ op }) => op !== "same"),
  };
  const unknown = [
    ...(before === undefined && !isNew ? [withoutFormer] : []),
    ...(change.isGuessed ? [withoutNext] : []),
  ];
  return { cluster: (former ?? after)?.spec.name ?? "", change, unknown };
}

const withoutFormer =
  "the former specification: the preview leaves out what stays the same. Make it with `--show-sames`, or hand in the " +
  "stack's exported state with --state";

const withoutNext =
  "what else the specification changes: the preview leaves it out. Make it with `--show-sames`";

/** Whether a preview has the specification of every cluster that it shows, and of one at least as it was. */
export function hasSpecifications({ steps }: Preview): boolean {
  const found = steps.filter(isSpecification);
  return (
    found.some(({ before }) => before !== undefined) &&
    componentsIn(steps).every((urn) => found.some(({ parent }) => parent === urn))
  );
}

/** Names, as the program has them, of the clusters that a preview would touch and of which no specification is known. */
export function strangersIn(
  preview: Preview,
  configured: Configured,
  state: readonly Step[],
): readonly string[] {
  return componentsIn(preview.steps.filter(({ op }) => op !== "same"))
    .filter((urn) => changeOf(urn, preview, configured, state) === undefined)
    .map((urn) => urn.split("::").at(-1) ?? urn);
}

/** Each goes with its cluster, and with nothing else. */
const endsWith: ReadonlySet<string> = new Set(["spilo:index:Guard", "spilo:index:Specification"]);

/** Of the clusters, in the order in which their resources come. */
function componentsIn(steps: readonly Step[]): readonly string[] {
  const parents = steps.filter(({ type }) => type.startsWith("spilo:index:")).map(({ parent }) => parent);
  return [...new Set(parents)].filter(
    (urn): urn is string => urn !== undefined && /::spilo:index:SpiloCluster::/.test(urn),
  );
}

/** As the state has them: what an earlier version of this project has written may be something else. */
function settingsIn(steps: readonly Step[]): Change["settings"] {
  const step = steps.find(({ type, op }) => type === "spilo:index:DynamicSettings" && op === "update");
  const [from, to] = [step?.before, step?.after].map((inputs) =>
    settingsDocument.safeParse(inputs?.["settings"]),
  );
  return from?.success && to?.success ? { from: from.data, to: to.data } : undefined;
}
