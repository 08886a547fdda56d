import { execa } from "execa";

/** By what a lab is told from others, and from all else on the machine. */
export interface LabPlace {
  /** Names begin so, and nobody else's do: what a killed run has left is found by it. */
  readonly prefix: string;
  /** Three numbers of the zones' network; the machine has .1 of it. */
  readonly subnet: string;
}

/** For tests: one at a time. */
export const testPlace: LabPlace = { prefix: "spz", subnet: "10.63.99" };

/** Of whoever asks `./run up` for zones. */
export const ownPlace: LabPlace = { prefix: "spu", subnet: "10.63.97" };

/** A network of a zone's own on this machine, joined to the others by one bridge. */
export interface ZoneNetwork {
  readonly namespace: string;
  /** The zone's address on the bridge. */
  readonly address: string;
  /** Where a command runs as in the zone. `ip netns exec` would hide the control groups from an engine. */
  readonly enter: readonly [command: string, ...args: string[]];
}

/** The bridge that joins a lab's zones. */
export function bridgeOf({ prefix }: LabPlace): string {
  return `${prefix}0`;
}

/** @throws Error when there is one already: two labs would share it. */
export async function makeBridge(place: LabPlace): Promise<void> {
  const bridge = bridgeOf(place);
  await ip("link", "add", bridge, "type", "bridge");
  await ip("address", "add", `${place.subnet}.1/24`, "dev", bridge);
  await ip("link", "set", bridge, "up");
  // The machine's own Docker engine drops what is forwarded, between ports of a bridge as well.
  await execa("iptables", ["--insert", "FORWARD", ...amongZones(bridge)]);
}

function amongZones(bridge: string): readonly string[] {
  return ["--in-interface", bridge, "--out-interface", bridge, "--jump", "ACCEPT"];
}

/** @param number 1–9, with which the address is .11–.19. */
export async function makeZoneNetwork(place: LabPlace, name: string, number: number): Promise<ZoneNetwork> {
  const { namespace, address, enter } = zoneNetwork(place, name, number);
  const cable = cableOf(place, number);
  const inside = `${cable}z`;
  await ip("netns", "add", namespace);
  await ip("link", "add", cable, "type", "veth", "peer", "name", inside);
  await ip("link", "set", inside, "netns", namespace);
  await ip("link", "set", cable, "master", bridgeOf(place), "up");
  await ip("-n", namespace, "link", "set", "lo", "up");
  await ip("-n", namespace, "link", "set", inside, "name", "eth0");
  await ip("-n", namespace, "address", "add", `${address}/24`, "dev", "eth0");
  await ip("-n", namespace, "link", "set", "eth0", "up");
  await ip("-n", namespace, "route", "add", "default", "via", `${place.subnet}.1`);
  return { namespace, address, enter };
}

/** What the network of a zone is called, whether it is there or not. */
export function zoneNetwork({ prefix, subnet }: LabPlace, name: string, number: number): ZoneNetwork {
  const namespace = `${prefix}-${name}`;
  const enter = ["nsenter", `--net=/run/netns/${namespace}`] as const;
  return { namespace, address: `${subnet}.${10 + number}`, enter };
}

/** Pulls the zone's cable, or plugs it in again. */
export async function setCable(place: LabPlace, number: number, state: "up" | "down"): Promise<void> {
  await ip("link", "set", cableOf(place, number), state);
}

/** Loses every packet that leaves the zone, or no longer does; what comes in goes on coming. */
export async function loseOutgoing({ enter }: ZoneNetwork, loses: boolean): Promise<void> {
  const [command, ...args] = enter;
  const rule = ["OUTPUT", "--out-interface", "eth0", "--jump", "DROP"];
  await execa(command, [...args, "iptables", loses ? "--insert" : "--delete", ...rule]);
}

/** Everything that runs in the zone: its engine, and what runs in containers on the zone's own network. */
export async function processesIn({ namespace }: Pick<ZoneNetwork, "namespace">): Promise<readonly number[]> {
  const { stdout } = await execa("ip", ["netns", "pids", namespace]);
  return stdout.split(/\s+/).filter(Boolean).map(Number);
}

/** The zones' namespaces that there are, also those that another run has left. */
export async function namespacesLeft({ prefix }: LabPlace): Promise<readonly string[]> {
  const { stdout } = await execa("ip", ["netns", "list"], { reject: false });
  const all = stdout.split("\n").map((line) => line.split(" ")[0] ?? "");
  return all.filter((name) => name.startsWith(`${prefix}-`));
}

/** Removes whatever of it there is, also what another run has left. */
export async function removeNetworks(place: LabPlace): Promise<void> {
  const bridge = bridgeOf(place);
  for (const namespace of await namespacesLeft(place)) {
    await execa("ip", ["netns", "delete", namespace], { reject: false });
  }
  for (let number = 1; number <= 9; number += 1) {
    await execa("ip", ["link", "delete", cableOf(place, number)], { reject: false });
  }
  await execa("ip", ["link", "delete", bridge], { reject: false });
  await execa("iptables", ["--delete", "FORWARD", ...amongZones(bridge)], { reject: false });
}

/** The end that is on the machine. */
export function cableOf({ prefix }: LabPlace, number: number): string {
  return `${prefix}${number}`;
}

async function ip(...args: string[]): Promise<void> {
  await execa("ip", args);
}
