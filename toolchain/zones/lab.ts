import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { waitFor } from "../../actions/wait.ts";
import { ensureProgram } from "../apt.ts";
import { startEngine, type ZoneEngine, zoneEngine } from "./engine.ts";
import { engineTls, makeEngineTls } from "./engine-tls.ts";
import {
  cableOf,
  type LabPlace,
  loseOutgoing,
  makeBridge,
  makeZoneNetwork,
  namespacesLeft,
  processesIn,
  removeNetworks,
  setCable,
  testPlace,
  type ZoneNetwork,
  zoneNetwork,
} from "./network.ts";
import { makeSshClient, makeSshServer, type SshClient, sshServer } from "./ssh.ts";

/** A zone on this machine: a network and an engine of its own, and what can happen to it. */
export interface Zone {
  readonly name: string;
  readonly address: string;
  /** The zone's engine, as the docker provider takes it: `unix://…`, `tcp://…:2376` or `ssh://root@…`. */
  readonly host: string;
  /** For `tcp://`: the client's folder, with ca.pem, cert.pem and key.pem. */
  readonly certificates?: string;
  readonly engine: ZoneEngine;
  /** The end of the zone's cable that is on the machine. */
  readonly cable: string;
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

/** A zone that is wanted, and how its engine is reached. */
export interface WantedZone {
  readonly name: string;
  /** @default unix */
  readonly reach?: "unix" | "tls" | "ssh";
}

export interface Lab {
  /** In the order in which they were asked for. */
  readonly zones: readonly Zone[];
  /**
   * A folder to be put first on PATH: where a zone is reached through ssh, it has an `ssh` that knows the zones and its
   * own key, and nothing of the machine's.
   */
  readonly path: string;
  /** Leaves nothing of it, whatever state the zones are in. */
  dispose(): Promise<void>;
}

export interface LabOptions {
  /** @default the one for tests */
  readonly place?: LabPlace;
  /** An absolute path, made if it is missing and removed with the lab. @default one below the machine's own for such */
  readonly directory?: string;
}

/**
 * Zones side by side on one machine, each with a Docker engine, which outlive the process that makes them. There is one
 * lab at a time in a place: what an earlier one has left, as its run was killed, is removed first.
 *
 * @param wanted a zone each; a name alone is reached by `unix://`.
 */
export async function makeLab(
  wanted: readonly (string | WantedZone)[],
  options: LabOptions = {},
): Promise<Lab> {
  const { place = testPlace, directory } = options;
  await ensureProgram("ip", "iproute2", "zones need networks of their own");
  await ensureProgram("iptables", "iptables", "zones have to reach each other");
  await clearLab(options);
  const home = directory ?? (await mkdtemp(join(tmpdir(), ownNames(place))));
  try {
    const all = wanted.map((zone) => (typeof zone === "string" ? { name: zone } : zone));
    // No zone has such names.
    const path = join(home, ".bin");
    const overSsh = all.some(({ reach }) => reach === "ssh");
    const client = overSsh ? await makeSshClient(place, join(home, ".ssh"), path) : undefined;
    await makeBridge(place);
    const zones: Zone[] = [];
    for (const [index, zone] of all.entries()) {
      zones.push(
        await makeZone({ place, number: index + 1, directory: join(home, zone.name) }, zone, client),
      );
    }
    return { zones, path, dispose: () => clearLab(options) };
  } catch (error) {
    await clearLab(options);
    throw error;
  }
}

/** The zones of a lab that another process has made, from the same as they were made from. */
export function zonesOfLab(
  wanted: readonly WantedZone[],
  { place = testPlace, directory }: LabOptions & { readonly directory: string },
): readonly Zone[] {
  return wanted.map((zone, index) => {
    return zoneAt({ place, number: index + 1, directory: join(directory, zone.name) }, zone);
  });
}

interface ZonePlace {
  readonly place: LabPlace;
  /** 1–9 */
  readonly number: number;
  readonly directory: string;
}

async function makeZone(at: ZonePlace, wanted: WantedZone, client?: SshClient): Promise<Zone> {
  const { place, number, directory } = at;
  await mkdir(directory, { recursive: true });
  const network = await makeZoneNetwork(place, wanted.name, number);
  if (wanted.reach === "tls") await makeEngineTls(network.address, directory);
  if (client !== undefined && wanted.reach === "ssh") await makeSshServer(network, directory, client);
  const zone = zoneAt(at, wanted);
  await zone.start();
  return zone;
}

/** A zone that has been made, whatever state it is in. */
function zoneAt({ place, number, directory }: ZonePlace, { name, reach }: WantedZone): Zone {
  const network = zoneNetwork(place, name, number);
  const engine = zoneEngine(directory);
  const tls = reach === "tls" ? engineTls(network.address, directory) : undefined;
  const ssh = reach === "ssh" ? sshServer(network, directory) : undefined;
  return {
    name,
    address: network.address,
    host: tls?.host ?? ssh?.host ?? `unix://${engine.socket}`,
    ...(tls === undefined ? {} : { certificates: tls.certificates }),
    engine,
    cable: cableOf(place, number),
    enter: network.enter,
    cut: () => setCable(place, number, "down"),
    mend: () => setCable(place, number, "up"),
    loseOutgoing: () => loseOutgoing(network, true),
    keepOutgoing: () => loseOutgoing(network, false),
    freeze: () => signalAll(network, "SIGSTOP"),
    thaw: () => signalAll(network, "SIGCONT"),
    kill: () => endAll(network),
    start: async () => {
      await ssh?.start();
      await startEngine(network, directory, tls);
    },
  };
}

type Namespace = Pick<ZoneNetwork, "namespace">;

async function signalAll(network: Namespace, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<void> {
  for (const pid of await processesIn(network)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Again and again: what is killed may have started something by then. */
async function endAll(network: Namespace): Promise<void> {
  await waitFor({ what: `all of ${network.namespace} ends`, deadlineMs: 20_000, everyMs: 100 }, async () => {
    await signalAll(network, "SIGKILL");
    const left = await processesIn(network);
    return left.length === 0 ? { found: true } : { pending: `${left.length} processes run` };
  });
}

/** Removes whatever there is of any lab in that place, in whatever state its zones are. */
export async function clearLab({ place = testPlace, directory }: LabOptions = {}): Promise<void> {
  for (const namespace of await namespacesLeft(place)) await endAll({ namespace });
  const folders = directory === undefined ? await foldersLeft(place) : [directory];
  await unmountAll(folders);
  await removeNetworks(place);
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}

/** What the names of a place's folders begin with. */
function ownNames({ prefix }: LabPlace): string {
  return `${prefix}-`;
}

async function foldersLeft(place: LabPlace): Promise<readonly string[]> {
  const all = await readdir(tmpdir());
  return all.filter((name) => name.startsWith(ownNames(place))).map((name) => join(tmpdir(), name));
}

/** An engine that was killed leaves its mounts, which would keep its folder. */
async function unmountAll(folders: readonly string[]): Promise<void> {
  const { stdout } = await execa("findmnt", ["--noheadings", "--list", "--output", "TARGET"]);
  const left = stdout
    .split("\n")
    .filter((target) => folders.some((folder) => target.startsWith(`${folder}/`)));
  for (const target of left.toReversed()) await execa("umount", ["--lazy", target], { reject: false });
}
