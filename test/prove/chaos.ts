/**
 * Twenty minutes of chaos over three seeds; and, as a proof of the proof, one leader killed without synchronous commit,
 * where the same checker has to find what was lost.
 */
import { waitFor } from "../../actions/wait.ts";
import { check, describeVerdict, type Verdict } from "../live/chaos/checker.ts";
import { type Arena, isWhole, placeOf } from "../live/chaos/faults.ts";
import { gapOf, howToRepeat, isBad, runChaos } from "../live/chaos/run.ts";
import { makeTable, startWriters, storedRows } from "../live/chaos/writers.ts";
import { liveCluster } from "../live/cluster-view.ts";
import { memberFaults } from "../live/member-faults.ts";
import type { World } from "../live/world.ts";
import { type Records, recordsIn, summaries } from "./records.ts";

const seeds = [11, 22, 33] as const;
const MINUTES = 20 / seeds.length;
const synchronous = "chaos, synchronous";
const asynchronous = "leader killed, asynchronous";

/** The cluster's recovery objective has to be fast. Leaves it without synchronous commit, so it comes last. */
export async function proveChaos(world: World, isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("chaos");
  const arena = { world, cluster: await liveCluster(world) };
  for (const [index, seed] of seeds.entries()) {
    if (isTimeLeft()) await ofSeed(arena, records, index + 1, seed);
  }
  if (isTimeLeft()) await withoutSynchronousCommit(arena, records);
  return [...summaries([synchronous, asynchronous], records), ...totals(records)];
}

async function ofSeed(arena: Arena, records: Records, round: number, seed: number): Promise<void> {
  if (records.of(synchronous).some((one) => one.round === round)) return;
  const options = { seed, minutes: MINUTES };
  const { verdict, faults, longestGapMs: gapMs } = await runChaos(arena, options);
  await records.add({ kind: synchronous, round, seed, faults, gapMs, ...figuresOf(verdict) });
  if (isBad(verdict)) throw new Error(`${howToRepeat(options)}: ${describeVerdict(verdict)}`);
}

/** Standbys get nothing for two seconds, in which clients are told of commits, and then the leader is gone. */
async function withoutSynchronousCommit(arena: Arena, records: Records): Promise<void> {
  if (records.of(asynchronous).length > 0) return;
  const { world, cluster } = arena;
  await isWhole(cluster);
  await world.specify(["recovery", "acceptDataLoss"], true);
  await world.specify(["synchronous", "mode"], "off");
  await world.pulumi("up", "--yes", "--skip-preview");
  await makeTable(cluster);
  await allStream(arena);
  const place = placeOf(arena, await cluster.leader());
  const { cause, mend } = memberFaults["replication stalled, then killed"];
  const writers = startWriters(cluster);
  let told: Awaited<ReturnType<typeof writers.stop>> = [];
  try {
    await writers.goOn(50, 20_000);
    await cause(place);
    await writers.goOn(50, 120_000);
  } finally {
    told = await writers.stop();
    await mend(place);
  }
  const verdict = check(told, await storedRows(cluster));
  console.log(`${asynchronous}: ${describeVerdict(verdict)}`);
  if (verdict.lost.length === 0) {
    throw new Error(`${asynchronous}: the checker found no lost row (${describeVerdict(verdict)})`);
  }
  await records.add({ kind: asynchronous, round: 1, faults: 1, gapMs: gapOf(told), ...figuresOf(verdict) });
}

/** No standby is a synchronous one now. */
async function allStream({ cluster }: Arena): Promise<void> {
  await waitFor({ what: "all standbys stream", deadlineMs: 60_000 }, async () => {
    const { members } = await cluster.view();
    const streaming = members.filter(({ role, state }) => role === "replica" && state === "streaming");
    return streaming.length === cluster.direct.length - 1
      ? { found: true }
      : { pending: members.map(({ name, role, state }) => `${name} ${role} ${state}`).join(", ") };
  });
}

function figuresOf({ acknowledged, lost, duplicated, overlaps }: Verdict) {
  return {
    missing: lost.length,
    duplicated: duplicated.length,
    overlaps: overlaps.length,
    acknowledged,
  };
}

/** What the summaries do not say: how much was done, and what else must not be. */
function totals(records: Records): readonly string[] {
  return [synchronous, asynchronous].flatMap((kind) => {
    const measured = records.of(kind);
    if (measured.length === 0) return [];
    const counts = ["faults", "acknowledged", "duplicated", "overlaps"].map((name) => {
      const sum = measured.reduce((total, one) => total + Number(one[name] ?? 0), 0);
      return `${sum} ${name}`;
    });
    return [`${kind}: ${counts.join(", ")}`];
  });
}
