/**
 * The counted rounds and long runs: `./run prove LETTER [PART…] [MINUTES]`, all parts and 40 minutes unless said
 * otherwise. No round is begun after that time. What was measured earlier is kept, and a run goes on from there;
 * whoever wants to begin anew removes the files below docs/measured.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../toolchain/paths.ts";
import { makeWorld } from "../live/world.ts";
import { type OnOne, onOneCluster, onTheirOwn } from "./parts.ts";

async function write(part: string, lines: readonly string[]): Promise<void> {
  const text = `${lines.join("\n")}\n`;
  await writeFile(join(root, "docs", "measured", `${part}.txt`), text);
  console.log(text);
}

async function onCluster(letter: string, { specification, parts }: OnOne): Promise<void> {
  const name = `prove-${letter.toLowerCase()}`;
  const world = await makeWorld(name, { name, ...specification });
  try {
    await world.run("up");
    for (const [part, proof] of Object.entries(parts)) {
      await write(part, await proof(world, isTimeLeft));
    }
  } finally {
    await world.dispose();
  }
}

/** Of a letter, in the order in which they go. */
function partsOf(letter: string): readonly string[] {
  return Object.keys({ ...onOneCluster[letter]?.parts, ...onTheirOwn[letter] });
}

function usage(): never {
  const letters = [...new Set([...Object.keys(onOneCluster), ...Object.keys(onTheirOwn)])].toSorted();
  const known = letters.map((name) => `${name} (${partsOf(name).join(", ")})`);
  console.error(
    `error  ./run prove ${process.argv.slice(2).join(" ")}: there are proofs of ${known.join("; ")}`,
  );
  process.exit(2);
}

const [letter = "", ...rest] = process.argv.slice(2);
const minutes = Number(rest.find((word) => /^\d+$/.test(word)) ?? 40);
const began = Date.now();
const isTimeLeft = () => Date.now() - began < minutes * 60_000;
const asked = rest.filter((word) => !/^\d+$/.test(word));
const all = partsOf(letter);
if (all.length === 0 || asked.some((part) => !all.includes(part))) usage();
const chosen = all.filter((part) => asked.length === 0 || asked.includes(part));

const one = onOneCluster[letter];
const shared = Object.entries(one?.parts ?? {}).filter(([part]) => chosen.includes(part));
if (one !== undefined && shared.length > 0)
  await onCluster(letter, { ...one, parts: Object.fromEntries(shared) });
for (const part of chosen) {
  const own = onTheirOwn[letter]?.[part];
  if (own !== undefined) await write(part, await own(isTimeLeft));
}
