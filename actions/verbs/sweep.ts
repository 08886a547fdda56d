import { andList } from "../../cluster/and-list.ts";
import { expiryOf, type Judgement, judge, type MarkedOwner } from "../../cluster/leases/marker.ts";
import { reasonOf } from "../action-error.ts";
import { clearEngine } from "../engine/clear-engine.ts";
import { markerOn, removeMarker } from "../engine/marker.ts";
import type { OpenStore } from "../object-store.ts";
import { type FoundCluster, findClusters, isSameCluster, newestOf } from "../sweep/find-clusters.ts";
import { type FindState, type FoundState, findState } from "../sweep/find-state.ts";
import { notAsked } from "../sweep/not-asked.ts";
import { removeBackups } from "../sweep/remove-backups.ts";
import type { Narrator } from "./verb.ts";

export interface SweepOptions {
  /** Addresses of the engines to look at, as the docker provider takes them. */
  readonly engines: readonly string[];
  /** Clusters of this Pulumi project alone. @default all */
  readonly project?: string | undefined;
  /** Whether what has expired is removed, and not only told. */
  readonly remove: boolean;
  /** Opens the S3 servers that clusters have their backups in and that are not their own. */
  readonly key?: { readonly accessKey: string; readonly secretKey: string } | undefined;
  /** @default now */
  readonly now?: Date;
  readonly signal?: AbortSignal | undefined;
  /** @default by the Pulumi CLI */
  readonly findState?: FindState;
  /** @default the real one */
  readonly openStore?: OpenStore;
}

/** One life of a cluster, and what became of it. */
export interface SweptCluster extends MarkedOwner {
  /** Whose it is; null: nobody says. */
  readonly owner: string | null;
  /** ISO 8601; null: it lives for ever. */
  readonly expires: string | null;
  readonly verdict: Judgement["verdict"];
  readonly why: string;
  readonly containers: number;
  readonly volumes: number;
  /** `kept`: nothing of it was touched. `failed`: what is left of it is found again by the next sweep. */
  readonly outcome: "kept" | "to be removed" | "removed" | "failed";
  /** What was done, or why it failed. */
  readonly told: readonly string[];
}

export interface SweepReport {
  readonly engines: readonly string[];
  readonly clusters: readonly SweptCluster[];
}

/** It is all to go, so nobody waits for a clean end of it. */
const GRACE_SECONDS = 2;

/**
 * Tells of every cluster on some engines whether its time to live has ended, and removes those of which it has: containers,
 * volumes, networks, what they have in buckets, their state, and last the marker, by which what is left of an interrupted
 * sweep is found again. It goes by labels and markers, so it needs no state. Whatever has no marker of ours stays.
 *
 * @throws ActionError `unreachable` when an engine does not answer: nothing is removed then.
 */
export async function sweep(options: SweepOptions, narrator: Narrator): Promise<SweepReport> {
  const { engines, project, remove, now = new Date(), signal } = options;
  const all = await findClusters(engines, signal);
  const found = all.filter(({ of }) => project === undefined || of.project === project);
  const clusters: SweptCluster[] = [];
  const removed = new Set<FoundCluster>();
  for (const cluster of found) {
    const judged = judgeFound(cluster, engines, now);
    const seen = seenAs(cluster, judged);
    if (judged.verdict !== "expired" || judged.isElsewhere)
      clusters.push({ ...seen, outcome: "kept", told: [] });
    else if (!remove) clusters.push({ ...seen, outcome: "to be removed", told: [] });
    else {
      const others = found.filter((one) => one !== cluster && !removed.has(one));
      const became = await takeAway(cluster, others, options);
      if (became.outcome === "removed") removed.add(cluster);
      narrator.step(
        `${cluster.of.cluster}: ${became.outcome}${became.told.map((line) => `; ${line}`).join("")}`,
      );
      clusters.push({ ...seen, ...became });
    }
  }
  return { engines, clusters };
}

/** One that has engines which are not asked is left whole. */
function judgeFound(
  cluster: FoundCluster,
  asked: readonly string[],
  now: Date,
): Judgement & { readonly isElsewhere: boolean } {
  const judged = judge(cluster.marker, now);
  const elsewhere = notAsked(cluster, asked);
  if (judged.verdict !== "expired" || elsewhere === undefined) return { ...judged, isElsewhere: false };
  return { ...judged, why: `${judged.why}, and ${elsewhere}`, isElsewhere: true };
}

function seenAs({ of, marker, counts }: FoundCluster, { verdict, why }: Judgement) {
  const expires = marker === undefined ? undefined : expiryOf(marker);
  return {
    ...of,
    owner: marker?.owner ?? null,
    expires: expires === undefined ? null : expires.toISOString(),
    verdict,
    why,
    ...counts,
  };
}

type Became = Pick<SweptCluster, "outcome" | "told">;

/**
 * One that fails does not keep the others from going.
 *
 * @param others what is there beside it.
 */
async function takeAway(
  cluster: FoundCluster,
  others: readonly FoundCluster[],
  options: SweepOptions,
): Promise<Became> {
  const told: string[] = [];
  try {
    if (!(await isStillExpired(cluster, options))) {
      return { outcome: "kept", told: ["its marker has changed since it was looked at"] };
    }
    // It is worked out before anything goes: what cannot be read now, cannot be changed then.
    const state = await (options.findState ?? findState)(cluster.of, options.signal);
    const [since, marked] = [state.since ?? "", cluster.marker?.since ?? ""];
    // No update has reached this marker any more.
    if (since > marked) {
      const why = `its marker here is an old one: by its state it is counted from ${since} on`;
      return { outcome: "kept", told: [why] };
    }
    await removeWhole(cluster, { others, state }, options, (line) => told.push(line));
    return { outcome: "removed", told };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { outcome: "failed", told: [...told, reasonOf(error)] };
  }
}

/** An update may have counted anew meanwhile. */
async function isStillExpired({ of, marks }: FoundCluster, { now = new Date(), signal }: SweepOptions) {
  const markers = await Promise.all(marks.map(({ engine }) => markerOn({ engine, signal }, of)));
  const newest = newestOf(markers.filter((marker) => marker !== undefined));
  return judge(newest, now).verdict === "expired";
}

async function removeWhole(
  { of, marker, engines, marks }: FoundCluster,
  { others, state }: { readonly others: readonly FoundCluster[]; readonly state: FoundState },
  { key, signal, openStore }: SweepOptions,
  tell: (line: string) => void,
): Promise<void> {
  const archives = marker?.archives ?? [];
  if (archives.length > 0 && key === undefined) {
    const places = andList(archives.map(({ endpoint, bucket }) => `${bucket} at ${endpoint}`));
    throw new Error(
      `its backups are in ${places}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; nothing of it was touched`,
    );
  }
  for (const engine of engines) {
    // Each life that is there yet is on the network; the last one takes it along.
    const keepsNetworks = others.some((one) => isSameCluster(one.of, of) && one.engines.includes(engine));
    await clearEngine(
      { engine, ...of, keeps: ["marker"], keepsNetworks },
      {
        announce: ({ containers, volumes, networks }) =>
          tell(`${containers} containers, ${volumes} volumes, ${networks} networks removed from ${engine}`),
        signal,
        graceSeconds: GRACE_SECONDS,
      },
    );
  }
  for (const archive of archives) {
    if (key !== undefined) tell(await removeBackups(archive, key, openStore));
  }
  tell(await state.drop());
  for (const { engine } of marks) await removeMarker({ engine, signal }, of);
}
