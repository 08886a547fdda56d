import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { waitFor } from "../../actions/wait.ts";
import type { ClusterSpecInput } from "../../cluster/index.ts";
import { publishedImages } from "../../cluster/schema/published-images.ts";
import { ensureImages } from "../../toolchain/images.ts";
import { makeSshClient, type SshClient } from "../../toolchain/zones/ssh.ts";
import { accelerator } from "./accelerator.ts";
import { type Answerer, elsewhere, startAnswerer } from "./answerer.ts";
import { ensurePrograms, type Image } from "./image.ts";
import { type Machine, startMachine } from "./machine.ts";
import { makeNetwork, metadataAddress, registryAddress, type VmNetwork } from "./network.ts";
import { type PlannedCluster, type PlannedMachine, planOnAws } from "./planned.ts";
import { startRegistry } from "./registry.ts";
import { startVoter } from "./voter.ts";

/** A cluster of AWS's on this machine: voters that run, and members whose machines can be booted. */
export interface VmWorld {
  readonly planned: PlannedCluster;
  readonly answerer: Answerer;
  /** Boots a member's machine, without its volume. */
  boot(member: PlannedMachine): Promise<Machine>;
  /** The empty file of a member's volume. */
  volumeFile(member: PlannedMachine): Promise<string>;
  /** Runs a command on a machine as the user that actions log in as, when it lets that user in. */
  run(machine: Machine, command: string): Promise<string>;
  /** Leaves nothing behind. */
  dispose(): Promise<void>;
}

export interface VmWorldOptions {
  readonly zones: string;
  readonly specification: Partial<ClusterSpecInput>;
  /** The system, made for the container images that the cluster has. */
  readonly image: (images: readonly string[]) => Promise<Image>;
  /** Of each machine. @default 2 */
  readonly processors?: number;
  /** Whether machines find the members' image in a registry. @default they have it */
  readonly registry?: boolean;
}

/** MiB */
const machineMemory = 2048;
/** What a member's container is given of it. */
const memberMemory = "1GB";

export async function makeVmWorld(options: VmWorldOptions): Promise<VmWorld> {
  await ensurePrograms();
  const { spilo = publishedImages.spilo, etcd = publishedImages.etcd } = await ensureImages();
  const image = await options.image([spilo, etcd]);
  const accelerated = accelerator(image);
  const folder = await mkdtemp(join(tmpdir(), "spilo-vm-"));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const dispose = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const network = await makeNetwork();
    undo.push(() => network.remove());
    const resources = { memory: memberMemory, volume: "2GB" };
    const planned = await planOnAws(
      options.zones,
      { spilo, etcd },
      {
        ...{ network: { subnet: network.subnet }, resources },
        ...options.specification,
      },
    );
    const answerer = await startAnswerer(network.gateway, planned);
    undo.push(() => answerer.close());
    await network.answer(metadataAddress, 80, answerer.port);
    await startVoters(network, folder, planned, undo);
    if (options.registry === true) {
      const registry = await startRegistry(network.gateway, spilo, join(folder, "registry"));
      undo.push(() => registry.close());
      await network.answer(registryAddress, 80, registry.port);
    }
    const client = await sshClient(network, folder, undo);
    const { region } = planned;
    const made = { network, folder, image, answerer, region, client, undo, accelerator: await accelerated };
    return { planned, answerer, dispose, ...machinesOf(made, options) };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** With etcd as the members find it: closed to all but them, and with the cluster's first settings. */
async function startVoters(
  network: VmNetwork,
  folder: string,
  planned: PlannedCluster,
  undo: (() => Promise<unknown>)[],
): Promise<void> {
  for (const voter of planned.voters) {
    const name = `${network.name}-${voter.part}`;
    undo.push(() => execa("docker", ["rm", "--force", "--volumes", name], { reject: false }));
    await startVoter(network.name, name, join(folder, "voters"), voter, planned);
  }
  await planned.carryOut("spilo:index:EtcdAccess");
  await planned.carryOut("spilo:index:DynamicSettings");
}

/** The program `ssh` of this process is one that knows these machines alone, also for actions. */
async function sshClient(
  { name, prefix }: VmNetwork,
  folder: string,
  undo: (() => Promise<unknown>)[],
): Promise<SshClient> {
  const programs = join(folder, "bin");
  const client = await makeSshClient({ prefix: name, subnet: prefix }, join(folder, "ssh"), programs);
  const { PATH: before = "" } = process.env;
  process.env["PATH"] = `${programs}${delimiter}${before}`;
  undo.push(async () => {
    process.env["PATH"] = before;
  });
  return client;
}

interface Making {
  readonly network: VmNetwork;
  readonly folder: string;
  readonly image: Image;
  readonly accelerator: string;
  readonly answerer: Answerer;
  readonly region: string;
  readonly client: SshClient;
  readonly undo: (() => Promise<unknown>)[];
}

function machinesOf(
  made: Making,
  { processors = 2 }: VmWorldOptions,
): Omit<VmWorld, "planned" | "answerer" | "dispose"> {
  const { network, folder, image, answerer, client, undo } = made;
  const volumeFile = async ({ part }: PlannedMachine) => {
    const file = join(folder, `${part}.volume`);
    await execa("truncate", ["--size", "2G", file]);
    return file;
  };
  let cables = 0;
  return {
    volumeFile,
    boot: async (member) => {
      cables += 1;
      const device = await network.plug(cables);
      const own = await mkdtemp(join(folder, `${member.part}-`));
      const machine = await startMachine({
        ...{
          folder: own,
          image,
          accelerator: made.accelerator,
          device,
          processors,
          memoryMib: machineMemory,
        },
        ...{ hostname: member.part, address: member.address, gateway: network.gateway },
        nameservers: await nameservers(),
        publicKey: (await readFile(client.publicKey, "utf8")).trim(),
        userData: elsewhere(member.userData, made.region, answerer.url),
      });
      undo.push(() => machine.kill());
      return machine;
    },
    run: async (machine, command) => {
      await becomeKnown(machine, client);
      const { stdout } = await execa("ssh", [`admin@${machine.address}`, command]);
      return stdout;
    },
  };
}

async function nameservers(): Promise<readonly string[]> {
  const text = await readFile("/etc/resolv.conf", "utf8");
  return [...text.matchAll(/^nameserver (\S+)/gm)].map(([, address = ""]) => address);
}

/** By the key that a machine shows on its console, which is where EC2 shows it. */
async function becomeKnown(machine: Machine, { knownHosts }: SshClient): Promise<void> {
  const { address } = machine;
  const known = await readFile(knownHosts, "utf8").catch(() => "");
  if (known.includes(`${address} `)) return;
  const key = await waitFor(
    { what: `${address} shows its key`, deadlineMs: 420_000, everyMs: 2000 },
    async () => {
      const [, shown] =
        /BEGIN SSH HOST KEY KEYS-----[\s\S]*?(ssh-ed25519 [A-Za-z0-9+/=]+)/.exec(await machine.console()) ??
        [];
      return shown === undefined ? { pending: "it is not on the console" } : { found: shown };
    },
  );
  await appendFile(knownHosts, `${address} ${key}\n`);
}
