import type { ClusterPlan, PartPlan } from "../plan-types.ts";
import type { PartKind } from "./claims.ts";

/** A part of a plan, as much as it takes to tell what becomes of it. */
export interface PlannedPart {
  readonly kind: PartKind;
  readonly plan: PartPlan;
  /** Of its data, by its logical name; absent: it keeps none. */
  readonly volume?: string;
  /** Whether that stays when the part is removed. */
  readonly retained: boolean;
}

/** What a change does to parts: names by kind, in the order of the plan. */
export interface PartChanges {
  readonly replaced: NamesByKind;
  readonly created: NamesByKind;
  readonly removed: NamesByKind;
  /** Parts whose certificate is another one while they run on. */
  readonly renewed: readonly string[];
  /** Logical names of volumes that are made anew, or removed, with what is on them. */
  readonly volumesLost: readonly string[];
}

type NamesByKind = Readonly<Record<PartKind, readonly string[]>>;

/** Every part, in the order in which reports name them. */
export function partsOf(plan: ClusterPlan | undefined): readonly PlannedPart[] {
  if (plan === undefined) return [];
  const { members, replicas, voters, proxies, archive } = plan;
  const keeping =
    (kind: PartKind) =>
    (part: PartPlan & { readonly volume: string; readonly retained: boolean }): PlannedPart => {
      return { kind, plan: part, volume: part.volume, retained: part.retained };
    };
  return [
    ...members.map(keeping("member")),
    ...replicas.map(keeping("replica")),
    ...voters.map(keeping("voter")),
    ...proxies.map((proxy): PlannedPart => ({ kind: "proxy", plan: proxy, retained: false })),
    ...(archive.server === undefined ? [] : [keeping("s3")(archive.server)]),
  ];
}

function namesByKind(parts: readonly PlannedPart[]): NamesByKind {
  const of = (wanted: PartKind) => parts.filter(({ kind }) => kind === wanted).map(({ plan }) => plan.name);
  return {
    member: of("member"),
    replica: of("replica"),
    voter: of("voter"),
    proxy: of("proxy"),
    s3: of("s3"),
  };
}

/** Of a change that touches none. */
export const noParts: PartChanges = {
  ...{ replaced: namesByKind([]), created: namesByKind([]), removed: namesByKind([]) },
  ...{ renewed: [], volumesLost: [] },
};

/** Parts of these names, wherever they are. */
export function namedIn(parts: readonly PlannedPart[], names: ReadonlySet<string>): NamesByKind {
  return namesByKind(parts.filter(({ plan }) => names.has(plan.name)));
}
