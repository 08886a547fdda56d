/**
 * The counted rounds and long runs: `./run prove LETTER [PART…] [MINUTES]`, all parts and 40 minutes unless said
 * otherwise. No round is begun after that time. What was measured earlier is kept, and a run goes on from there;
 * whoever wants to begin anew removes the files below docs/measured.
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

type Proof = (world: World, isTimeLeft: () => boolean) => Promise<readonly string[]>;

interface Letter {
  /** The cluster that the parts have, one after the other. */
  readonly specification: object;
  readonly parts: Readonly<Record<string, Proof>>;
}

const letters: Readonly<Record<string, Letter>> = {
  D: {
    specification: { endpoint: { pooled: true } },
    parts: { switchovers: proveSwitchovers, faults: proveFaults },
  },
  E: {
    specification: { recovery: { objective: "fast" } },
    parts: { changes: proveChanges, interrupted: proveInterrupted, chaos: proveChaos },
  },
};

async function onCluster(letter: string, { specification, parts }: Letter): Promise<void> {
  const name = `prove-${letter.toLowerCase()}`;
  const world = await makeWorld(name, { name, ...specification });
  try {
    await world.run("up");
    for (const [part, proof] of Object.entries(parts)) {
      const text = `${(await proof(world, isTimeLeft)).join("\n")}\n`;
      await writeFile(join(root, "docs", "measured", `${part}.txt`), text);
      console.log(text);
    }
  } finally {
    await world.dispose();
  }
}

function usage(): never {
  const known = Object.entries(letters).map(
    ([name, { parts }]) => `${name} (${Object.keys(parts).join(", ")})`,
  );
  console.error(
    `error  ./run prove ${process.argv.slice(2).join(" ")}: there are proofs of ${known.join("; ")}`,
  );
  process.exit(2);
}

const [name = "", ...rest] = process.argv.slice(2);
const minutes = Number(rest.find((word) => /^\d+$/.test(word)) ?? 40);
const began = Date.now();
const isTimeLeft = () => Date.now() - began < minutes * 60_000;
const letter = letters[name] ?? usage();
const asked = rest.filter((word) => !/^\d+$/.test(word));
const parts = Object.fromEntries(asked.map((part) => [part, letter.parts[part] ?? usage()]));
await onCluster(name, asked.length > 0 ? { ...letter, parts } : letter);
