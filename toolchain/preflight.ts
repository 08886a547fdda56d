import { mkdir, statfs } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import type Docker from "dockerode";
import { Failure } from "./failure.ts";
import type { Owner } from "./leftovers.ts";
import { local } from "./paths.ts";

/** Tools, images and a small cluster take about 5 GiB. */
const NEEDED_GIB = 6;

/** Throws a {@link Failure} when the disk cannot hold what a first run makes. */
export async function checkDisk(freeGib: () => Promise<number> = freeSpaceGib): Promise<void> {
  const free = await freeGib();
  if (free >= NEEDED_GIB) return;
  throw new Failure(
    `disk: ${free.toFixed(1)} GiB free`,
    `tools, images and a first cluster take ${NEEDED_GIB} GiB.`,
    "Free some space (docker system df shows what the engine holds) and run this again.",
  );
}

async function freeSpaceGib(): Promise<number> {
  await mkdir(local, { recursive: true });
  const { bavail, bsize } = await statfs(local);
  return (bavail * bsize) / 2 ** 30;
}

/**
 * Throws a {@link Failure} when the cluster's subnet overlaps a network of the engine or of the host that is not
 * this stack's own: the engine would refuse it, or the host would reach the wrong machines.
 */
export async function checkSubnet(engine: Docker, subnet: string, owner: Owner): Promise<void> {
  const bridges = new Set<string>();
  for (const network of await engine.listNetworks()) {
    const ranges = (network.IPAM?.Config ?? []).flatMap((one) =>
      one.Subnet === undefined ? [] : [one.Subnet],
    );
    for (const range of ranges) bridges.add(range);
    const taken = isOwnedBy(owner, network.Labels)
      ? undefined
      : ranges.find((range) => overlaps(range, subnet));
    if (taken !== undefined) throw subnetTaken(subnet, `docker network ${network.Name} (${taken})`);
  }
  const clash = hostRanges().find(
    ({ range }) => overlaps(range, subnet) && ![...bridges].some((one) => overlaps(one, range)),
  );
  if (clash) throw subnetTaken(subnet, `network interface ${clash.name} (${clash.range})`);
}

/**
 * Throws a {@link Failure} when a container of another owner has a name that the cluster needs: the engine would
 * refuse it after half of the cluster is made.
 */
export async function checkNames(engine: Docker, names: readonly string[], owner: Owner): Promise<void> {
  for (const { Names, Labels, Id } of await engine.listContainers({ all: true })) {
    const name = (Names[0] ?? "").slice(1);
    if (!names.includes(name) || isOwnedBy(owner, Labels)) continue;
    throw new Failure(
      `docker container ${name} (${Id.slice(0, 12)})`,
      "the cluster needs this name, and the container is not this stack's.",
      `Rename or remove it (docker rename ${name} …), or set spilo:cluster.name to another name.`,
    );
  }
}

function isOwnedBy({ project, stack }: Owner, labels: Record<string, string> | undefined): boolean {
  return labels?.["pulumi-spilo.project"] === project && labels["pulumi-spilo.stack"] === stack;
}

function hostRanges(): { name: string; range: string }[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap(({ family, cidr }) =>
      family === "IPv4" && cidr !== null ? [{ name, range: cidr }] : [],
    ),
  );
}

function subnetTaken(subnet: string, by: string): Failure {
  return new Failure(
    `spilo:cluster.network.subnet: ${subnet}`,
    `it overlaps ${by}.`,
    "Set network.subnet to a free private /24 (such as 10.99.7.0/24), or remove that network.",
  );
}

/** Whether two IPv4 ranges share an address. */
export function overlaps(a: string, b: string): boolean {
  const [first, second] = [parseRange(a), parseRange(b)];
  if (!(first && second)) return false; // IPv6: not a range that we plan in
  const shared = Math.min(first.bits, second.bits);
  const mask = shared === 0 ? 0 : (~0 << (32 - shared)) >>> 0;
  return (first.base & mask) >>> 0 === (second.base & mask) >>> 0;
}

function parseRange(range: string): { base: number; bits: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(range);
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  return { base: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, bits };
}
