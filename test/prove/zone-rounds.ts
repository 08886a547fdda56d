/**
 * Two members in each of three zones, and the zone of the leader is killed: twelve times with the tags that keep a commit
 * from being in one zone only, once without them, and once without synchronous commit.
 */
import { setTimeout as pause } from "node:timers/promises";
import { containerExec } from "../../actions/engine/container-exec.ts";
import { setMemberTags } from "../../actions/patroni/member-tags.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { describeVerdict } from "../live/chaos/checker.ts";
import { dice } from "../live/chaos/dice.ts";
import { isBad } from "../live/chaos/run.ts";
import {
  describeZoneLost,
  firstOfEachZone,
  type LoseZoneOptions,
  loseZoneOfLeader,
} from "../zones/lose-zone.ts";
import type { ZonesWorld } from "../zones/zones-world.ts";
import { foretold } from "./foretold.ts";
import { type Records, recordsIn, summaries } from "./records.ts";

const ROUNDS = 12;
const SEED = 44;
/** Of the recovery objective `fast`: until a lost node is replaced, and a quarter more. */
const WITHIN_MS = 27_500;

const tagged = "zone killed, a second member in each zone";
const untagged = "zone killed, without the tags";
const asynchronous = "link cut, without synchronous commit";

export async function proveZoneRounds(
  zones: ZonesWorld,
  isTimeLeft: () => boolean,
): Promise<readonly string[]> {
  const records = await recordsIn("zone-rounds");
  const chance = dice(SEED);
  const eligible = firstOfEachZone((await zones.cluster()).names);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const leader = eligible[chance.between(0, eligible.length - 1)] ?? "";
    if (!isTimeLeft() || records.of(tagged).some((one) => one.round === round)) continue;
    await once(zones, records, { kind: tagged, round, leader, fault: "zone killed" });
  }
  if (isTimeLeft() && records.of(untagged).length === 0) await withoutTags(zones, records);
  if (isTimeLeft() && records.of(asynchronous).length === 0) await withoutSynchronousCommit(zones, records);
  return summaries([tagged, untagged, asynchronous], records);
}

interface Round extends Pick<LoseZoneOptions, "leader" | "fault"> {
  readonly kind: string;
  readonly round: number;
}

async function once(
  zones: ZonesWorld,
  records: Records,
  { kind, round, leader, fault }: Round,
): Promise<void> {
  const eligible = firstOfEachZone((await zones.cluster()).names);
  const model = await foretold(zones, { eligible, leader });
  const lost = await loseZoneOfLeader(zones, { fault, leader });
  console.log(describeZoneLost(lost));
  const { gapMs, leaderAfter, verdict } = lost;
  const elsewhere = zones.zoneOf(leaderAfter) !== zones.zoneOf(leader);
  const wrong = isBad(verdict) || !elsewhere || gapMs > WITHIN_MS || model !== "go on";
  const { acknowledged, overlaps } = verdict;
  const counts = { acknowledged, overlaps: overlaps.length, missing: verdict.lost.length };
  await records.add({ kind, round, seed: SEED, gapMs, leader, leaderAfter, ...counts, model });
  if (wrong) throw new Error(describeZoneLost(lost));
}

/** The standby that has a commit may stand beside the leader: without it nobody may lead, until it is back. */
async function withoutTags(zones: ZonesWorld, records: Records): Promise<void> {
  const cluster = await zones.cluster();
  const patroni = patroniClient(cluster.patroni);
  for (const [index, member] of cluster.names.entries()) {
    const container = member;
    const exec = containerExec(`unix://${zones.zoneOf(member).engine.socket}`);
    const restUrl = cluster.restUrls[index] ?? "";
    await setMemberTags(
      { member, container, restUrl, tags: { nosync: false }, deadlineMs: 60_000 },
      { exec, patroni },
    );
  }
  const [leader] = cluster.names;
  if (leader === undefined) throw new Error("there are no members");
  const model = await foretold(zones, { eligible: cluster.names, leader });
  let leaders: readonly string[] = [];
  const lost = await loseZoneOfLeader(zones, {
    ...{ fault: "zone killed", leader, eligible: cluster.names },
    // As long as three times the objective.
    meanwhile: async (now) => {
      await pause(60_000);
      const { members } = await now.view();
      leaders = members.filter(({ role }) => role === "leader").map(({ name }) => name);
    },
  });
  console.log(
    `${untagged}: leaders after a minute: ${leaders.join(", ") || "none"}; ${describeZoneLost(lost)}`,
  );
  const elsewhere = leaders.filter((name) => zones.zoneOf(name) !== zones.zoneOf(leader));
  const { gapMs, verdict } = lost;
  await records.add({
    kind: untagged,
    round: 1,
    gapMs,
    missing: verdict.lost.length,
    leadersElsewhere: elsewhere.length,
    model,
  });
  if (elsewhere.length > 0 || isBad(verdict) || model !== "stop")
    throw new Error(`${untagged}: ${describeVerdict(verdict)}`);
}

/** Whoever is cut off with the leader is told of commits that nobody else has. */
async function withoutSynchronousCommit(zones: ZonesWorld, records: Records): Promise<void> {
  const { world } = zones;
  await world.specify(["recovery", "acceptDataLoss"], true);
  await world.specify(["synchronous", "mode"], "off");
  await world.run("up");
  const [leader = ""] = (await zones.cluster()).names;
  const lost = await loseZoneOfLeader(zones, { fault: "link cut", leader, asynchronous: true });
  console.log(`${asynchronous}: ${describeZoneLost(lost)}`);
  const { gapMs, verdict } = lost;
  await records.add({
    kind: asynchronous,
    round: 1,
    gapMs,
    missing: verdict.lost.length,
    acknowledged: verdict.acknowledged,
  });
  if (verdict.lost.length === 0) throw new Error(`${asynchronous}: the checker found no lost row`);
}
