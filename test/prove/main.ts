/**
 * The counted rounds and long runs: `./run prove LETTER [PART…] [MINUTES]`, all parts and 40 minutes unless said
 * otherwise. No round is begun after that time. What was measured earlier is kept, and a run goes on from there;
 * whoever wants to begin anew removes the files below docs/measured.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../toolchain/paths.ts";
import { ownPlace } from "../../toolchain/zones/network.ts";
import { makeWorld, type World } from "../live/world.ts";
import { makeZonesWorld, type ZonesWorld } from "../zones/zones-world.ts";
import { proveChanges } from "./changes.ts";
import { proveChaos } from "./chaos.ts";
import { proveFaults } from "./faults.ts";
import { proveGuides } from "./guides.ts";
import { proveInterrupted } from "./interrupted.ts";
import { liveTests } from "./live-tests.ts";
import { proveMachine, proveMachineFailover, proveMachineWithoutVolume } from "./machines.ts";
import { provePlan } from "./plan.ts";
import { proveRestarts } from "./restarts.ts";
import { proveRestoreSpeed } from "./restore-speed.ts";
import { proveSwitchovers } from "./switchovers.ts";
import { proveZoneAbsent } from "./zone-absent.ts";
import { proveZoneLatency } from "./zone-latency.ts";
import { proveZoneMajority } from "./zone-majority.ts";
import { proveZoneRounds } from "./zone-rounds.ts";
import { proveZones } from "./zones.ts";

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
  G: {
    specification: { members: 1, etcd: { voters: 1 } },
    parts: {
      "restore-speed": proveRestoreSpeed,
      slots: liveTests("slots"),
      retained: liveTests("retained"),
      standby: liveTests("standby"),
    },
  },
  I: {
    specification: { recovery: { objective: "fast" } },
    parts: {
      plan: provePlan,
      restarts: proveRestarts,
      consumer: liveTests("consumer"),
      program: liveTests("program"),
      examples: liveTests("examples"),
      guides: proveGuides,
    },
  },
};

interface OverZones {
  readonly count: number;
  readonly specification: object;
  readonly proof: (
    zones: ZonesWorld & { readonly output: string },
    isTimeLeft: () => boolean,
  ) => Promise<readonly string[]>;
}

/** Parts that have a cluster over zones, each its own. */
const overZones: Readonly<Record<string, OverZones>> = {
  zones: { count: 3, specification: {}, proof: proveZones },
  "zone-rounds": { count: 3, specification: { members: 6 }, proof: proveZoneRounds },
  // With an address that moves: the zones share a network.
  "zone-majority": {
    count: 2,
    specification: { endpoint: { vip: `${ownPlace.subnet}.100` } },
    proof: proveZoneMajority,
  },
  "zone-absent": { count: 3, specification: {}, proof: proveZoneAbsent },
  "zone-latency": { count: 3, specification: {}, proof: proveZoneLatency },
};

/** Parts whose members are machines of AWS's, in QEMU. */
const onMachines: Readonly<Record<string, (isTimeLeft: () => boolean) => Promise<readonly string[]>>> = {
  machine: proveMachine,
  "machine-without-volume": proveMachineWithoutVolume,
  "machine-failover": proveMachineFailover,
};

async function onZones(part: string, { count, specification, proof }: OverZones): Promise<void> {
  const fast = { recovery: { objective: "fast" } };
  const zones = await makeZonesWorld("prove-f", count, { ...fast, ...specification });
  try {
    await write(part, await proof(zones, isTimeLeft));
  } finally {
    await zones.dispose();
  }
}

async function write(part: string, lines: readonly string[]): Promise<void> {
  const text = `${lines.join("\n")}\n`;
  await writeFile(join(root, "docs", "measured", `${part}.txt`), text);
  console.log(text);
}

async function onCluster(letter: string, { specification, parts }: Letter): Promise<void> {
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

function usage(): never {
  const known = Object.entries(letters).map(
    ([name, { parts }]) => `${name} (${Object.keys(parts).join(", ")})`,
  );
  known.push(`F (${Object.keys(overZones).join(", ")})`, `H (${Object.keys(onMachines).join(", ")})`);
  console.error(
    `error  ./run prove ${process.argv.slice(2).join(" ")}: there are proofs of ${known.join("; ")}`,
  );
  process.exit(2);
}

const [name = "", ...rest] = process.argv.slice(2);
const minutes = Number(rest.find((word) => /^\d+$/.test(word)) ?? 40);
const began = Date.now();
const isTimeLeft = () => Date.now() - began < minutes * 60_000;
const asked = rest.filter((word) => !/^\d+$/.test(word));
if (name === "F") {
  for (const part of asked.length > 0 ? asked : Object.keys(overZones)) {
    await onZones(part, overZones[part] ?? usage());
  }
} else if (name === "H") {
  for (const part of asked.length > 0 ? asked : Object.keys(onMachines)) {
    await write(part, await (onMachines[part] ?? usage())(isTimeLeft));
  }
} else {
  const letter = letters[name] ?? usage();
  const parts = Object.fromEntries(asked.map((part) => [part, letter.parts[part] ?? usage()]));
  await onCluster(name, asked.length > 0 ? { ...letter, parts } : letter);
}
