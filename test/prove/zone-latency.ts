/**
 * How long a commit takes with 0, 1 and 5 ms between zones, one way: synchronous, in turn with commits on the same server
 * that wait for nobody else, as those of a single server do. The client stands beside the leader.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { bridgeOf, ownPlace } from "../../toolchain/zones/network.ts";
import { type DelayedCable, delayCable } from "../zones/relay.ts";
import type { ZonesWorld } from "../zones/zones-world.ts";
import { recordsIn } from "./records.ts";

const delays = [0, 1, 5] as const;
const ROUNDS = 3;
const said = z.object({ synchronous: z.array(z.number()), local: z.array(z.number()) });
const program = fileURLToPath(new URL("./commit-in-zone.ts", import.meta.url));

export async function proveZoneLatency(
  zones: ZonesWorld,
  isTimeLeft: () => boolean,
): Promise<readonly string[]> {
  const records = await recordsIn("zone-latency");
  const cables: DelayedCable[] = [];
  try {
    for (const { cable } of zones.zones) {
      cables.push(await delayCable({ cable, bridge: bridgeOf(ownPlace), milliseconds: 0 }));
    }
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const delay of delays) {
        const kind = `${delay} ms between zones`;
        if (!isTimeLeft() || records.of(kind).some((one) => one.round === round)) continue;
        // Each way crosses two cables.
        await Promise.all(cables.map((cable) => cable.set(delay / 2)));
        const { synchronous, local } = await commitsOf(zones);
        const figures = { synchronous: middle(synchronous), worst: worst(synchronous) };
        const single = { single: middle(local), singleWorst: worst(local), commits: synchronous.length };
        await records.add({ kind, round, gapMs: 0, missing: 0, ...figures, ...single });
      }
    }
  } finally {
    for (const cable of cables) await cable.dispose();
  }
  return delays.map((delay) => {
    const rounds = records.of(`${delay} ms between zones`);
    const of = (name: string) => rounds.map((one) => Number(one[name]));
    const times = `median ${middle(of("synchronous")).toFixed(2)} ms, worst ${worst(of("worst")).toFixed(1)} ms`;
    const single = `alone ${middle(of("single")).toFixed(2)} ms, worst ${worst(of("singleWorst")).toFixed(1)} ms`;
    return `${delay} ms between zones: a commit takes ${times}; ${single}; ${rounds.length} rounds`;
  });
}

async function commitsOf(zones: ZonesWorld): Promise<z.infer<typeof said>> {
  const cluster = await zones.cluster();
  await cluster.inSync(cluster.names.length - 1);
  const leader = await cluster.leader();
  const place = cluster.direct[cluster.names.indexOf(leader)];
  const [command, ...args] = zones.zoneOf(leader).enter;
  const child = spawn(command, [...args, process.execPath, "--import", "tsx", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(place));
  const chunks: string[] = [];
  for await (const chunk of child.stdout) chunks.push(String(chunk));
  return said.parse(JSON.parse(chunks.join("")));
}

function middle(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

function worst(values: readonly number[]): number {
  return Math.max(...values);
}
