import { execa } from "execa";

/** Names begin so, and nobody else's do: what a killed run has left is found by it. */
export const PREFIX = "spz";

/** A network of a zone's own on this machine, joined to the others by one bridge. */
export interface ZoneNetwork {
  readonly namespace: string;
  /** The zone's address on the bridge. */
  readonly address: string;
  /** Where a command runs as in the zone. `ip netns exec` would hide the control groups from an engine. */
  readonly enter: readonly [command: string, ...args: string[]];
}

const bridge = `${PREFIX}0`;

/** Of all zones; the machine has .1 of it. */
export const prefix = "10.63.99";

/** @throws Error when there is one already: two labs would share it. */
export async function makeBridge(): Promise<void> {
  await ip("link", "add", bridge, "type", "bridge");
  await ip("address", "add", `${prefix}.1/24`, "dev", bridge);
  await ip("link", "set", bridge, "up");
  // The machine's own Docker engine drops what is forwarded, between ports of a bridge as well.
  await execa("iptables", ["--insert", "FORWARD", ...amongZones]);
}

const amongZones = ["--in-interface", bridge, "--out-interface", bridge, "--jump", "ACCEPT"];

/** @param place 1–9, in which the address is .11–.19. */
export async function makeZoneNetwork(name: string, place: number): Promise<ZoneNetwork> {
  const namespace = `${PREFIX}-${name}`;
  const address = `${prefix}.${10 + place}`;
  const inside = `${PREFIX}${place}z`;
  await ip("netns", "add", namespace);
  await ip("link", "add", cableOf(place), "type", "veth", "peer", "name", inside);
  await ip("link", "set", inside, "netns", namespace);
  await ip("link", "set", cableOf(place), "master", bridge, "up");
  await ip("-n", namespace, "link", "set", "lo", "up");
  await ip("-n", namespace, "link", "set", inside, "name", "eth0");
  await ip("-n", namespace, "address", "add", `${address}/24`, "dev", "eth0");
  await ip("-n", namespace, "link", "set", "eth0", "up");
  await ip("-n", namespace, "route", "add", "default", "via", `${prefix}.1`);
  return { namespace, address, enter: ["nsenter", `--net=/run/netns/${namespace}`] };
}

/** Pulls the zone's cable, or plugs it in again. */
export async function setCable(place: number, state: "up" | "down"): Promise<void> {
  await ip("link", "set", cableOf(place), state);
}

/** Loses every packet that leaves the zone, or no longer does; what comes in goes on coming. */
export async function loseOutgoing({ enter }: ZoneNetwork, loses: boolean): Promise<void> {
  const [command, ...args] = enter;
  const rule = ["OUTPUT", "--out-interface", "eth0", "--jump", "DROP"];
  await execa(command, [...args, "iptables", loses ? "--insert" : "--delete", ...rule]);
}

/** Everything that runs in the zone: its engine, and what runs in containers on the zone's own network. */
export async function processesIn({ namespace }: ZoneNetwork): Promise<readonly number[]> {
  const { stdout } = await execa("ip", ["netns", "pids", namespace]);
  return stdout.split(/\s+/).filter(Boolean).map(Number);
}

/** Removes whatever of it there is, also what another run has left. */
export async function removeNetworks(): Promise<void> {
  const { stdout } = await execa("ip", ["netns", "list"], { reject: false });
  const left = stdout.split("\n").map((line) => line.split(" ")[0] ?? "");
  for (const namespace of left.filter((name) => name.startsWith(`${PREFIX}-`))) {
    await execa("ip", ["netns", "delete", namespace], { reject: false });
  }
  for (let place = 1; place <= 9; place += 1) {
    await execa("ip", ["link", "delete", cableOf(place)], { reject: false });
  }
  await execa("ip", ["link", "delete", bridge], { reject: false });
  await execa("iptables", ["--delete", "FORWARD", ...amongZones], { reject: false });
}

/** The end that is on the machine. */
function cableOf(place: number): string {
  return `${PREFIX}${place}`;
}

async function ip(...args: string[]): Promise<void> {
  await execa("ip", args);
}
