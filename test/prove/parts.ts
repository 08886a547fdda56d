/** What `./run prove` has, by the letter of what it belongs to. */
import { ownPlace } from "../../toolchain/zones/network.ts";
import type { World } from "../live/world.ts";
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

/** A part of which several have one cluster. */
export type Proof = (world: World, isTimeLeft: () => boolean) => Promise<readonly string[]>;

/** The cluster that the parts have, one after the other. */
export interface OnOne {
  readonly specification: object;
  readonly parts: Readonly<Record<string, Proof>>;
}

export const onOneCluster: Readonly<Record<string, OnOne>> = {
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
    parts: { "restore-speed": proveRestoreSpeed },
  },
  I: {
    specification: { recovery: { objective: "fast" } },
    parts: { plan: provePlan, restarts: proveRestarts },
  },
};

/** Parts that make what they need. */
export type OnTheirOwn = (isTimeLeft: () => boolean) => Promise<readonly string[]>;

export const onTheirOwn: Readonly<Record<string, Readonly<Record<string, OnTheirOwn>>>> = {
  A: { pair: liveTests("pair") },
  C: { states: liveTests("states") },
  F: {
    zones: overZones(3, {}, proveZones),
    "zone-rounds": overZones(3, { members: 6 }, proveZoneRounds),
    // With an address that moves: the zones share a network.
    "zone-majority": overZones(2, { endpoint: { vip: `${ownPlace.subnet}.100` } }, proveZoneMajority),
    "zone-absent": overZones(3, {}, proveZoneAbsent),
    "zone-latency": overZones(3, {}, proveZoneLatency),
  },
  G: { slots: liveTests("slots"), retained: liveTests("retained"), standby: liveTests("standby") },
  H: {
    machine: proveMachine,
    "machine-without-volume": proveMachineWithoutVolume,
    "machine-failover": proveMachineFailover,
  },
  I: {
    consumer: liveTests("consumer"),
    program: liveTests("program"),
    examples: liveTests("examples"),
    guides: proveGuides,
  },
};

type ZonesProof = (
  zones: ZonesWorld & { readonly output: string },
  isTimeLeft: () => boolean,
) => Promise<readonly string[]>;

/** With a cluster of its own over so many zones of this machine. */
function overZones(count: number, specification: object, proof: ZonesProof): OnTheirOwn {
  return async (isTimeLeft) => {
    const fast = { recovery: { objective: "fast" } };
    const zones = await makeZonesWorld("prove-f", count, { ...fast, ...specification });
    try {
      return await proof(zones, isTimeLeft);
    } finally {
      await zones.dispose();
    }
  };
}
