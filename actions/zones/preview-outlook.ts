import { type ClusterPlan, parseSpec, planCluster, SpecError } from "../../cluster/index.ts";

/** What a preview will show of a specification that was changed: names of parts. */
export type PreviewOutlook =
  | {
      readonly kind: "parts";
      /** Whose zone cannot be had: they leave the state, and nobody asks their engine. */
      readonly dropped: readonly string[];
      readonly removed: readonly string[];
      readonly made: readonly string[];
    }
  /** It is refused, with all the reasons. */
  | { readonly kind: "refused"; readonly reasons: string };

/**
 * Compares what two specifications would have of parts. What stands now may be something else: only a preview knows.
 *
 * @param images the value of `spilo:images`.
 * @returns undefined when nothing can be said, as the former specification is refused itself.
 */
export function previewOutlook(
  before: unknown,
  after: unknown,
  images: unknown = {},
): PreviewOutlook | undefined {
  const [former, next] = [planOf(before, images), planOf(after, images)];
  if (next instanceof SpecError) return { kind: "refused", reasons: next.message };
  if (former instanceof SpecError) return undefined;
  const lost = new Set(next.zones.filter(({ available }) => !available).map(({ name }) => name));
  const [had, has] = [partsOf(former), partsOf(next)];
  const gone = without(had, has);
  return {
    kind: "parts",
    dropped: namesOf(gone.filter(({ zone }) => lost.has(zone))),
    removed: namesOf(gone.filter(({ zone }) => !lost.has(zone))),
    made: namesOf(without(has, had)),
  };
}

function planOf(specification: unknown, images: unknown): ClusterPlan | SpecError {
  try {
    return planCluster(parseSpec(specification, images));
  } catch (error) {
    if (error instanceof SpecError) return error;
    throw error;
  }
}

interface Part {
  readonly name: string;
  readonly zone: string;
}

function partsOf({ members, voters, proxies, archive }: ClusterPlan): readonly Part[] {
  const servers = archive.server === undefined ? [] : [archive.server];
  return [...members, ...voters, ...proxies, ...servers];
}

/** A part of that name in another zone is another one. */
function without(parts: readonly Part[], others: readonly Part[]): readonly Part[] {
  return parts.filter(
    ({ name, zone }) => !others.some((other) => other.name === name && other.zone === zone),
  );
}

function namesOf(parts: readonly Part[]): readonly string[] {
  return parts.map(({ name }) => name);
}
