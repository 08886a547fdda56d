import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { waitFor } from "../../actions/wait.ts";
import { installPackages } from "../../toolchain/apt.ts";
import { startEngine, type ZoneEngine } from "./engine.ts";
import {
  loseOutgoing,
  makeBridge,
  makeZoneNetwork,
  PREFIX,
  processesIn,
  removeNetworks,
  setCable,
  type ZoneNetwork,
} from "./network.ts";

/** A zone on this machine: a network and an engine of its own, and what can happen to it. */
export interface Zone {
  readonly name: string;
  readonly address: string;
  readonly engine: ZoneEngine;
  /** A command as in the zone. */
  readonly enter: ZoneNetwork["enter"];
  /** Nothing gets in or out. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Nothing gets out; what comes in goes on coming. */
  loseOutgoing(): Promise<void>;
  keepOutgoing(): Promise<void>;
  /** Everything stands still, as in a host that is suspended. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Everything is gone at once, as with the power; the disks stay. */
  kill(): Promise<void>;
  /** After `kill`. */
  start(): Promise<void>;
}

export interface Lab {
  readonly zones: readonly Zone[];
  /** Leaves nothing of it, whatever state the zones are in. */
  dispose(): Promise<void>;
}

/**
 * Zones side by side on one machine, each with a Docker engine. There is one lab at a time: what an earlier one has left,
 * as its run was killed, is removed first.
 */
export async function makeLab(names: readonly string[]): Promise<Lab> {
  const { failed } = await execa("ip", ["-Version"], { reject: false });
  if (failed) await installPackages(["iproute2"], "zones need networks of their own", () => undefined);
  await clear();
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}-`));
  const dispose = async () => {
    await clear();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await makeBridge();
    const zones: Zone[] = [];
    for (const [index, name] of names.entries()) {
      zones.push(await makeZone(name, index + 1, join(directory, name)));
    }
    return { zones, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function makeZone(name: string, place: number, directory: string): Promise<Zone> {
  const network = await makeZoneNetwork(name, place);
  const engine = await startEngine(network, directory);
  return {
    name,
    address: network.address,
    engine,
    enter: network.enter,
    cut: () => setCable(place, "down"),
    mend: () => setCable(place, "up"),
    loseOutgoing: () => loseOutgoing(network, true),
    keepOutgoing: () => loseOutgoing(network, false),
    freeze: () => signalAll(network, "SIGSTOP"),
    thaw: () => signalAll(network, "SIGCONT"),
    kill: () => endAll(network),
    start: async () => void (await startEngine(network, directory)),
  };
}

async function signalAll(network: ZoneNetwork, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<void> {
  for (const pid of await processesIn(network)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Again and again: what is killed may have started something by then. */
async function endAll(network: ZoneNetwork): Promise<void> {
  await waitFor({ what: `all of ${network.namespace} ends`, deadlineMs: 20_000, everyMs: 100 }, async () => {
    await signalAll(network, "SIGKILL");
    const left = await processesIn(network);
    return left.length === 0 ? { found: true } : { pending: `${left.length} processes run` };
  });
}

async function clear(): Promise<void> {
  const { stdout } = await execa("ip", ["netns", "list"], { reject: false });
  const left = stdout.split("\n").map((line) => line.split(" ")[0] ?? "");
  for (const namespace of left.filter((name) => name.startsWith(`${PREFIX}-`))) {
    await endAll({ namespace, address: "", enter: ["true"] });
  }
  await unmountAll();
  await removeNetworks();
}

/** An engine that was killed leaves its mounts, which would keep its folder. */
async function unmountAll(): Promise<void> {
  const { stdout } = await execa("findmnt", ["--noheadings", "--list", "--output", "TARGET"]);
  const left = stdout.split("\n").filter((target) => target.startsWith(join(tmpdir(), `${PREFIX}-`)));
  for (const target of left.toReversed()) await execa("umount", ["--lazy", target], { reject: false });
}
