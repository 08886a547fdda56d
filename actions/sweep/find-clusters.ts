import type { MarkedOwner, Marker } from "../../cluster/leases/marker.ts";
import { askEngine } from "../engine/ask-engine.ts";
import { markerIn, ownerIn } from "../engine/marker.ts";

/** How much of a cluster there is, beside its marker. Networks have no incarnation: they are not counted. */
interface Counts {
  readonly containers: number;
  readonly volumes: number;
}

/** One life of a cluster, as engines have it. */
export interface FoundCluster {
  readonly of: MarkedOwner;
  /** The newest one; undefined: there is none that can be read. */
  readonly marker: Marker | undefined;
  readonly marks: readonly Mark[];
  /** Those that have anything of it. */
  readonly engines: readonly string[];
  readonly counts: Counts;
}

/** A marker that can be read, and the engine that has it, as that was asked. */
interface Mark {
  readonly engine: string;
  readonly marker: Marker;
}

const LOOK_MS = 10_000;

/** One thing that has labels of ours. */
interface Labelled {
  readonly engine: string;
  readonly kind: "container" | "volume";
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Every life of a cluster of which engines have a container or a volume, by project, stack and name. What does not have
 * all labels of a part is none of it.
 *
 * @param engines addresses as the docker provider takes them.
 * @throws ActionError `unreachable` when one of them does not answer.
 */
export async function findClusters(
  engines: readonly string[],
  signal?: AbortSignal,
): Promise<readonly FoundCluster[]> {
  const each = await Promise.all(engines.map((engine) => labelledOn(engine, signal)));
  const clusters = new Map<string, { of: MarkedOwner; things: Labelled[] }>();
  for (const thing of each.flat()) {
    const of = ownerIn(thing.labels);
    if (of === undefined) continue;
    const key = keyOf(of);
    const known = clusters.get(key) ?? { of, things: [] };
    known.things.push(thing);
    clusters.set(key, known);
  }
  const sorted = [...clusters.entries()].sort(([left], [right]) => (left < right ? -1 : 1));
  return sorted.map(([, { of, things }]) => foundIn(of, things));
}

/** Whether two lives are of one cluster. */
export function isSameCluster(left: MarkedOwner, right: MarkedOwner): boolean {
  return left.project === right.project && left.stack === right.stack && left.cluster === right.cluster;
}

/** Of the markers of one life the one that counts: an older one is on an engine that it has left. */
export function newestOf(markers: readonly Marker[]): Marker | undefined {
  return markers.toSorted((left, right) => (left.since < right.since ? 1 : -1))[0];
}

function keyOf({ project, stack, cluster, incarnation }: MarkedOwner): string {
  return [project, stack, cluster, incarnation].join("\n");
}

function foundIn(of: MarkedOwner, things: readonly Labelled[]): FoundCluster {
  const marks = things.flatMap(({ engine, kind, labels }) => {
    const marker = kind === "volume" ? markerIn(labels) : undefined;
    return marker === undefined ? [] : [{ engine, marker }];
  });
  const parts = things.filter(({ labels }) => labels["pulumi-spilo.part"] !== "marker");
  const countOf = (kind: Labelled["kind"]) => parts.filter((part) => part.kind === kind).length;
  return {
    of,
    marker: newestOf(marks.map(({ marker }) => marker)),
    marks,
    engines: [...new Set(things.map(({ engine }) => engine))],
    counts: { containers: countOf("container"), volumes: countOf("volume") },
  };
}

async function labelledOn(engine: string, signal: AbortSignal | undefined): Promise<readonly Labelled[]> {
  return await askEngine({ engine, deadlineMs: LOOK_MS, signal }, async (client, abortSignal) => {
    const filters = { label: ["pulumi-spilo.incarnation"] };
    const [containers, { Volumes }] = await Promise.all([
      client.listContainers({ all: true, filters, abortSignal }),
      client.listVolumes({ filters, abortSignal }),
    ]);
    return [
      ...containers.map(({ Labels }) => ({ engine, kind: "container" as const, labels: Labels })),
      // An engine that has none says null.
      ...(Volumes ?? []).map(({ Labels }) => ({ engine, kind: "volume" as const, labels: Labels ?? {} })),
    ];
  });
}
