/**
 * The counted rounds and long runs: `./run prove LETTER [MINUTES]`, 40 unless said otherwise. No round is begun after
 * that time. What was measured earlier is kept, and a run goes on from there; whoever wants to begin anew removes the
 * files below docs/measured.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../toolchain/paths.ts";
import { makeWorld, type World } from "../live/world.ts";
import { proveChanges } from "./changes.ts";
import { proveChaos } from "./chaos.ts";
import { proveFaults } from "./faults.ts";
import { proveInterrupted } from "./interrupted.ts";
import { proveSwitchovers } from "./switchovers.ts";

/** What a letter proves, and on which cluster. */
const proofs: Readonly<Record<string, (letter: string) => Promise<readonly string[]>>> = {
  D: (letter) =>
    onCluster(letter, { endpoint: { pooled: true } }, async (world) => [
      ...(await proveSwitchovers(world, isTimeLeft)),
      ...(await proveFaults(world, isTimeLeft)),
    ]),
  E: (letter) =>
    onCluster(letter, { recovery: { objective: "fast" } }, async (world) => [
      ...(await proveChanges(world, isTimeLeft)),
      ...(await proveInterrupted(world, isTimeLeft)),
      ...(await proveChaos(world, isTimeLeft)),
    ]),
};

async function onCluster(
  letter: string,
  specification: object,
  work: (world: World) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const name = `prove-${letter.toLowerCase()}`;
  const world = await makeWorld(name, { name, ...specification });
  try {
    await world.run("up");
    return await work(world);
  } finally {
    await world.dispose();
  }
}

const [letter = "", minutes = "40"] = process.argv.slice(2);
const began = Date.now();
const isTimeLeft = () => Date.now() - began < Number(minutes) * 60_000;
const proof = proofs[letter];
if (proof === undefined) {
  console.error(`error  ./run prove ${letter}: there are proofs of ${Object.keys(proofs).join(", ")}`);
  process.exit(2);
}
const lines = await proof(letter);
const text = `${lines.join("\n")}\n`;
await writeFile(join(root, "docs", "measured", `${letter.toLowerCase()}.txt`), text);
console.log(text);
