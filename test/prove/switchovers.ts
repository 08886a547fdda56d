/**
 * Switchovers under load: by `spiloctl`, seen by a client of the endpoint and one of the pool, in turn with
 * `patronictl switchover`, seen by a client with direct connections.
 */
import { execa } from "execa";
import { startWriteProbe } from "../../actions/probe/write-probe.ts";
import { type LiveCluster, liveCluster } from "../live/cluster-view.ts";
import { spiloctl } from "../live/spiloctl.ts";
import type { World } from "../live/world.ts";
import { startWriter } from "../live/writer.ts";
import { connectDirectly } from "./direct-client.ts";
import { type Records, recordsIn, summaries } from "./records.ts";

const ROUNDS = 20;
const ours = "spiloctl, through the endpoint";
const pooled = "spiloctl, through the pool";
const theirs = "patronictl, direct";

export async function proveSwitchovers(world: World, isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("switchovers");
  const cluster = await liveCluster(world);
  for (let round = 1; round <= ROUNDS && isTimeLeft(); round += 1) {
    // Whoever comes first meets the cluster as the other has left it: they take turns.
    const both = [
      () => byUs(world, cluster, records, round),
      () => byPatroni(world, cluster, records, round),
    ];
    for (const one of round % 2 === 1 ? both : both.toReversed()) await one();
  }
  return summaries([ours, pooled, theirs], records);
}

async function byUs(world: World, cluster: LiveCluster, records: Records, round: number): Promise<void> {
  if (records.of(pooled).some((one) => one.round === round)) return;
  await cluster.inSync(2);
  const plain = await startWriter(cluster.endpoint, "plain");
  const held = await startWriter({ ...cluster.endpoint, port: 6432, query_timeout: 20_000 }, "held");
  await Promise.all([plain.writes(100, 20_000), held.writes(100, 20_000)]);
  const { exitCode } = await spiloctl(world, "switchover");
  if (exitCode !== 0) throw new Error(`round ${round}: spiloctl switchover ended with ${exitCode}`);
  await Promise.all([plain.writes(100, 30_000), held.writes(100, 30_000)]);
  const [cut, waited] = [await plain.stop(), await held.stop()];
  await records.add({ kind: ours, round, gapMs: cut.longestGapMs, missing: cut.missing.length });
  const { longestGapMs: gapMs, failures } = waited;
  await records.add({ kind: pooled, round, gapMs, missing: waited.missing.length, failures });
}

async function byPatroni(world: World, cluster: LiveCluster, records: Records, round: number): Promise<void> {
  if (records.of(theirs).some((one) => one.round === round)) return;
  await cluster.inSync(2);
  const leader = await cluster.leader();
  const candidate = `${world.stack}-${leader.endsWith("-1") ? 2 : 1}`;
  const connect = () => connectDirectly(cluster.direct);
  const probe = startWriteProbe({ connect, retryMs: 50, table: "spilo_direct" });
  await probe.writes(100, 20_000);
  const names = ["--leader", leader, "--candidate", candidate];
  const command = ["patronictl", "-c", "/run/postgres.yml", "switchover", world.stack, ...names, "--force"];
  await execa("docker", ["exec", "-u", "postgres", candidate, ...command]);
  await probe.writes(100, 30_000);
  const { longestGapMs: gapMs, missing } = await probe.stop();
  await records.add({ kind: theirs, round, gapMs, missing: missing?.length ?? -1 });
}
