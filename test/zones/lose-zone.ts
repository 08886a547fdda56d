import { leaderOf } from "../../actions/patroni/find-cluster.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { waitFor } from "../../actions/wait.ts";
import { check, describeVerdict, type Verdict } from "../live/chaos/checker.ts";
import { gapOf } from "../live/chaos/run.ts";
import { makeTable, startWriters, storedRows } from "../live/chaos/writers.ts";
import type { LiveCluster } from "../live/cluster-view.ts";
import { spiloctl } from "../live/spiloctl.ts";
import { startWriterInZone } from "./writer-in-zone.ts";
import { type ZoneFaultName, zoneFaults } from "./zone-faults.ts";
import type { ZonesWorld } from "./zones-world.ts";

/** What became of a cluster when the zone of its leader was lost. */
export interface ZoneLost {
  readonly fault: ZoneFaultName;
  readonly leaderBefore: string;
  readonly leaderAfter: string;
  /** The longest time in which a client of the endpoint outside of the zone could not write, milliseconds. */
  readonly gapMs: number;
  /** Of what clients outside and one inside of the zone were told. */
  readonly verdict: Verdict;
}

export interface LoseZoneOptions {
  readonly fault: ZoneFaultName;
  /** Who is to lead before. */
  readonly leader: string;
  /** Who may have synchronous commits: those without the tag. @default the first member of each zone */
  readonly eligible?: readonly string[];
  /** Without synchronous commit nobody is in sync, and all that stream will do. @default false */
  readonly asynchronous?: boolean;
  /** While the zone is lost. @default the writers go on, and whoever leads then is asked for */
  readonly meanwhile?: (cluster: LiveCluster) => Promise<void>;
}

const COMMITS = 50;
const COMMITS_MS = 120_000;

/**
 * Loses the leader's zone under writers, waits until they go on, gives the zone back and waits until all of it has
 * rejoined by itself.
 */
export async function loseZoneOfLeader(zones: ZonesWorld, options: LoseZoneOptions): Promise<ZoneLost> {
  const { fault, leader } = options;
  const cluster = await leadBy(zones, options);
  const zone = zones.zoneOf(leader);
  const place = cluster.direct[cluster.names.indexOf(leader)];
  if (place === undefined) throw new Error(`${leader} is none of the members`);
  await makeTable(cluster);
  const writers = startWriters(cluster);
  const inside = await startWriterInZone(zone, place);
  let told: Awaited<ReturnType<typeof writers.stop>> = [];
  let leaderAfter = "";
  try {
    await writers.goOn(COMMITS, COMMITS_MS);
    await zoneFaults[fault].cause(zone);
    try {
      if (options.meanwhile === undefined) {
        await writers.goOn(COMMITS, COMMITS_MS);
        leaderAfter = await cluster.leader();
      } else {
        await options.meanwhile(cluster);
      }
    } finally {
      await zoneFaults[fault].mend(zone);
    }
    await isWhole(cluster, options);
    await writers.goOn(COMMITS, COMMITS_MS);
  } finally {
    told = [...(await writers.stop()), ...(await inside.stop())].sort((left, right) => left.at - right.at);
  }
  const verdict = check(told, await storedRows(cluster));
  return { fault, leaderBefore: leader, leaderAfter, gapMs: gapOf(told), verdict };
}

export function describeZoneLost({ fault, leaderBefore, leaderAfter, gapMs, verdict }: ZoneLost): string {
  const who = `${leaderBefore} led, ${leaderAfter} leads`;
  return `${fault}: ${who}; longest write gap ${(gapMs / 1000).toFixed(2)} s, ${describeVerdict(verdict)}`;
}

/** Of members by their names, as `orders-2-b`: those that have no tag where members stand in several zones. */
export function firstOfEachZone(names: readonly string[]): readonly string[] {
  const zones = names.map((name) => name.slice(name.lastIndexOf("-")));
  return names.filter((_, index) => zones.indexOf(zones[index] ?? "") === index);
}

async function leadBy({ world, cluster: known }: ZonesWorld, options: LoseZoneOptions): Promise<LiveCluster> {
  const { leader } = options;
  const cluster = await known();
  await isWhole(cluster, options);
  if (leaderOf(await cluster.view())?.name === leader) return cluster;
  const { exitCode, report } = await spiloctl(world, "switchover", "--to", leader);
  if (exitCode !== 0) throw new Error(`switchover to ${leader}: ${JSON.stringify(report)}`);
  await isWhole(cluster, options);
  return cluster;
}

async function isWhole(
  cluster: LiveCluster,
  { eligible = firstOfEachZone(cluster.names), asynchronous = false }: LoseZoneOptions,
): Promise<void> {
  const leader = await agreed(cluster);
  // One with the tag may lead as well, when it has what the others have.
  if (!asynchronous) return await cluster.inSync(eligible.filter((name) => name !== leader).length);
  await waitFor({ what: "all members stream", deadlineMs: 240_000 }, async () => {
    const { members } = await cluster.view();
    const streaming = members.filter(({ state }) => state === "streaming").length;
    return streaming === cluster.restUrls.length - 1
      ? { found: true }
      : { pending: members.map(({ name, state }) => `${name} ${state}`).join(", ") };
  });
}

/** Each asked about itself: who was cut off tells of the cluster as it was, until its next look. */
async function agreed({ names, restUrls, patroni: access }: LiveCluster): Promise<string> {
  const patroni = patroniClient(access);
  return await waitFor({ what: "all members follow one leader", deadlineMs: 240_000 }, async () => {
    const told = await Promise.all(restUrls.map((url) => patroni.member(url).catch(() => undefined)));
    const silent = names.filter((_, index) => told[index] === undefined);
    if (silent.length > 0) return { pending: `${silent.join(", ")}: no answer` };
    const leaders = names.filter(
      (_, index) => told[index]?.role === "primary" || told[index]?.role === "master",
    );
    const timelines = new Set(told.map((one) => one?.timeline));
    const following = told.filter((one) => one?.replication_state === "streaming").length;
    const [leader] = leaders;
    return leader !== undefined &&
      leaders.length === 1 &&
      timelines.size === 1 &&
      following === names.length - 1
      ? { found: leader }
      : {
          pending: `leaders ${leaders.join(", ")}, timelines ${[...timelines].join(", ")}, ${following} stream`,
        };
  });
}
