/**
 * The leader is lost under load, in four ways, with the recovery objective `fast` in turn with Patroni's own defaults,
 * and once with each of the others.
 */
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { waitFor } from "../../actions/wait.ts";
import { recoverySettings } from "../../cluster/settings/recovery.ts";
import { type LiveCluster, liveCluster } from "../live/cluster-view.ts";
import { type MemberFaultName, memberFaults } from "../live/member-faults.ts";
import type { World } from "../live/world.ts";
import { startWriter } from "../live/writer.ts";
import { type Records, recordsIn, summaries } from "./records.ts";

const faults = ["container killed", "container frozen", "PostgreSQL killed", "network cut"] as const;

const timings = {
  fast: recoverySettings("fast"),
  defaults: { ttl: 30, loop_wait: 10, retry_timeout: 10, primary_start_timeout: 300 },
  normal: recoverySettings("normal"),
  wide: recoverySettings("wide"),
} as const;

type Timing = keyof typeof timings;

const order: readonly (readonly [Timing, number])[] = [
  ...[1, 2, 3].flatMap((round) => [["fast", round] as const, ["defaults", round] as const]),
  ["normal", 1],
  ["wide", 1],
];

export async function proveFaults(world: World, isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("faults");
  const cluster = await liveCluster(world);
  for (const [timing, round] of order) {
    for (const fault of faults) {
      if (isTimeLeft()) await once(world, cluster, records, { timing, round, fault });
    }
  }
  const kinds = Object.keys(timings).flatMap((timing) => faults.map((fault) => `${timing}, ${fault}`));
  return summaries(kinds, records);
}

async function once(
  world: World,
  cluster: LiveCluster,
  records: Records,
  {
    timing,
    round,
    fault,
  }: { readonly timing: Timing; readonly round: number; readonly fault: MemberFaultName },
): Promise<void> {
  const kind = `${timing}, ${fault}`;
  if (records.of(kind).some((one) => one.round === round)) return;
  await cluster.inSync(2);
  await take(cluster, timing);
  const leader = await cluster.leader();
  const address = cluster.vip.replace(/\d+$/, `1${leader.at(-1)}`);
  const place = { cluster: world.stack, name: leader, address };
  const writer = await startWriter(cluster.endpoint, "faults");
  await writer.writes(100, 20_000);
  await memberFaults[fault].cause(place);
  try {
    await writer.writes(100, 400_000);
  } finally {
    await memberFaults[fault].mend(place);
  }
  const { longestGapMs: gapMs, missing } = await writer.stop();
  await records.add({ kind, round, gapMs, missing: missing.length });
}

/** By `/config` itself: an `up` for each would take longer than what is measured. */
async function take(cluster: LiveCluster, timing: Timing): Promise<void> {
  const patroni = patroniClient(cluster.patroni);
  const [restUrl = ""] = cluster.restUrls;
  await patroni.patchConfig(restUrl, timings[timing]);
  await waitFor({ what: "the members have the timing", deadlineMs: 30_000 }, async () => {
    const { ttl } = await patroni.config(restUrl);
    return ttl === timings[timing].ttl ? { found: true } : { pending: `ttl is ${ttl}` };
  });
  // Each member takes it up with its next look.
  await new Promise((resolve) => setTimeout(resolve, 12_000));
}
