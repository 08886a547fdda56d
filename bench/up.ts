/**
 * How long from nothing to a healthy cluster, against the same containers started by hand.
 *
 *     node --import tsx bench/up.ts [rounds]
 *
 * Each round makes the cluster twice, in turn: by `pulumi up`, and by the Docker API from what Pulumi had made (same
 * images, environment, files, volumes, addresses, in the same order). Healthy means in both: one leader, and all
 * others streaming, seen from outside every 100 ms. Prints both medians, the worst, and the median of the ratios.
 */
import { setTimeout as pause } from "node:timers/promises";
import { makeWorld } from "../test/live/world.ts";
import { createByHand, recordParts, removeByHand } from "./by-hand.ts";

const CLUSTER = "bench";
const rounds = Number(process.argv[2] ?? 3);

const world = await makeWorld(CLUSTER);
const pulumi: number[] = [];
const byHand: number[] = [];
try {
  await world.run("up"); // makes the stack, its tools and its state: not measured
  const restUrls = JSON.parse(await world.pulumi("stack", "output", "--json")).members.map(
    ({ address }: { address: string }) => `http://${address}:8008`,
  );
  await world.pulumi("destroy", "--yes", "--skip-preview");
  for (let round = 1; round <= rounds; round += 1) {
    const up = world.pulumi("up", "--yes", "--skip-preview");
    pulumi.push(await secondsUntilHealthy(restUrls));
    await up;
    const recorded = await recordParts(CLUSTER);
    await world.pulumi("destroy", "--yes", "--skip-preview");
    const creating = createByHand(recorded);
    byHand.push(await secondsUntilHealthy(restUrls));
    await creating;
    await removeByHand(recorded);
    console.log(
      `round ${round}: pulumi up ${pulumi.at(-1)?.toFixed(1)} s, by hand ${byHand.at(-1)?.toFixed(1)} s`,
    );
  }
} finally {
  await world.dispose();
}
report();

function report(): void {
  const ratios = pulumi.map((seconds, index) => seconds / (byHand[index] ?? Number.NaN));
  for (const [name, values] of Object.entries({ "pulumi up": pulumi, "by hand": byHand })) {
    console.log(
      `${name.padEnd(10)} median ${median(values).toFixed(1)} s, worst ${Math.max(...values).toFixed(1)} s of ${values.length}`,
    );
  }
  console.log(`ratio      median ${median(ratios).toFixed(2)}, worst ${Math.max(...ratios).toFixed(2)}`);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** From now until any member's Patroni knows of a leader and of all others streaming; 180 s at most. */
async function secondsUntilHealthy(restUrls: readonly string[]): Promise<number> {
  const started = performance.now();
  while (performance.now() - started < 180_000) {
    if (await isHealthy(restUrls)) return (performance.now() - started) / 1000;
    await pause(100);
  }
  throw new Error("not healthy within 180 s");
}

async function isHealthy(restUrls: readonly string[]): Promise<boolean> {
  for (const url of restUrls) {
    try {
      const answer = await fetch(`${url}/cluster`, { signal: AbortSignal.timeout(1_000) });
      const states: { role: string; state: string }[] = JSON.parse(await answer.text()).members;
      const leads = states.filter(({ role, state }) => role === "leader" && state === "running").length === 1;
      return leads && states.filter(({ state }) => state === "streaming").length === restUrls.length - 1;
    } catch {
      // not there yet: ask the next one
    }
  }
  return false;
}
