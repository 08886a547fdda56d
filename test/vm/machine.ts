import { spawn } from "node:child_process";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { waitFor } from "../../actions/wait.ts";
import type { Image } from "./image.ts";
import { connectQmp, type Qmp } from "./qmp.ts";

/** What a machine is started with. */
export interface MachineOptions {
  /** Empty, and its own. */
  readonly folder: string;
  readonly image: Image;
  readonly accelerator: string;
  readonly hostname: string;
  readonly address: string;
  readonly gateway: string;
  readonly nameservers: readonly string[];
  /** Its end of the cable. */
  readonly device: string;
  /** Who may log in. */
  readonly publicKey: string;
  readonly userData: string;
  /** Processors. @default 2 */
  readonly processors?: number;
  /** MiB */
  readonly memoryMib: number;
}

/** A machine with its system's disk, and an empty one beside it that is nobody's. */
export interface Machine {
  readonly address: string;
  /** What it has written on its console, since it was first started. */
  console(): Promise<string>;
  /** Plugs in a disk as EC2 attaches a volume. @param volume its id */
  attach(volume: string, file: string): Promise<void>;
  /** It is off at once, and can be started again. */
  kill(): Promise<void>;
  /** Comes when it has switched itself off, as QEMU is told to do where it would start anew. */
  off(): Promise<void>;
  /** Starts it again as it was, without any volume. */
  start(): Promise<void>;
  /** The file behind the disk that is nobody's. */
  readonly strayDisk: string;
}

/** Of the disk that is nobody's, as EC2 would have numbered it. */
export const strayVolume = "vol-0ffffffffffffffff";

/** Starts a machine, and returns while it boots. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { folder, image, address } = options;
  const at = (name: string) => join(folder, name);
  await overlay(image.disk, at("system.qcow2"));
  await execa("truncate", ["--size", "1G", at("stray.raw")]);
  await makeSeed(options, at("seed.img"));
  let running: Running | undefined;
  const start = async () => {
    running = await run(options, at);
  };
  await start();
  return {
    address,
    strayDisk: at("stray.raw"),
    console: async () => await readFile(at("console.log"), "utf8").catch(() => ""),
    attach: async (volume, file) => {
      const { qmp } = await reachable(running);
      const disk = { driver: "file", filename: file, cache: { direct: false, "no-flush": true } };
      await qmp.run("blockdev-add", { "node-name": "data", driver: "raw", file: disk });
      const serial = volume.replace("-", "");
      await qmp.run("device_add", { driver: "nvme", id: "data", drive: "data", serial, bus: "later" });
    },
    kill: async () => {
      await running?.kill();
      running = undefined;
    },
    off: async () => {
      await running?.ended;
      running = undefined;
    },
    start,
  };
}

/** What is written goes nowhere else, so one image serves many machines. */
async function overlay(disk: string, file: string): Promise<void> {
  await execa("qemu-img", ["create", "-q", "-f", "qcow2", "-b", disk, "-F", "raw", file, "16G"]);
}

interface Running {
  readonly qmp: Promise<Qmp>;
  readonly ended: Promise<void>;
  kill(): Promise<void>;
}

async function reachable(running: Running | undefined) {
  if (running === undefined) throw new Error("the machine is off");
  return { qmp: await running.qmp };
}

type At = (name: string) => string;

async function run(options: MachineOptions, at: At): Promise<Running> {
  const console = await open(at("console.log"), "a");
  // It goes with this process, however that ends.
  const program = ["--pdeathsig", "KILL", "qemu-system-x86_64"];
  const child = spawn("setpriv", [...program, ...argumentsOf(options, at)], {
    stdio: ["ignore", console.fd, console.fd],
  });
  await console.close();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const qmp = waitFor({ what: "QEMU answers", deadlineMs: 20_000, everyMs: 100 }, async () => {
    if (child.exitCode !== null) throw new Error(`QEMU ended: ${await readFile(at("console.log"), "utf8")}`);
    return await connectQmp(at("qmp.sock")).then(
      (found) => ({ found }),
      () => ({ pending: "it does not" }),
    );
  });
  qmp.catch(() => undefined);
  return {
    qmp,
    ended,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function argumentsOf(options: MachineOptions, at: At): readonly string[] {
  const { image, accelerator, device, memoryMib, processors = 2, address } = options;
  const disk = (id: string, file: string, format: string) =>
    `id=${id},if=none,format=${format},cache=unsafe,file=${file}`;
  const mac = `52:54:00:${address
    .split(".")
    .slice(1)
    .map((one) => Number(one).toString(16).padStart(2, "0"))
    .join(":")}`;
  // The console is the machine's first serial port, as EC2 shows it.
  const kernel = `root=PARTUUID=${image.partition} rootwait rw console=ttyS0 net.ifnames=0 panic=-1 mitigations=off`;
  return [
    ...[
      "-machine",
      "q35",
      "-accel",
      accelerator,
      "-cpu",
      "max",
      "-smp",
      `${processors}`,
      "-m",
      `${memoryMib}`,
    ],
    ...["-display", "none", "-serial", "stdio", "-monitor", "none", "-no-reboot"],
    ...["-qmp", `unix:${at("qmp.sock")},server=on,wait=off`],
    ...["-kernel", image.kernel, "-append", kernel],
    ...[
      "-drive",
      disk("system", at("system.qcow2"), "qcow2"),
      "-device",
      "nvme,drive=system,serial=vol0system",
    ],
    ...["-drive", disk("stray", at("stray.raw"), "raw")],
    ...["-device", `nvme,drive=stray,serial=${strayVolume.replace("-", "")}`],
    ...["-drive", disk("seed", at("seed.img"), "raw"), "-device", "virtio-blk-pci,drive=seed"],
    // Where a volume is plugged in later.
    ...["-device", "pcie-root-port,id=later,chassis=1"],
    ...["-netdev", `tap,id=net,ifname=${device},script=no,downscript=no`],
    ...["-device", `virtio-net-pci,netdev=net,mac=${mac},romfile=`, "-device", "virtio-rng-pci"],
  ];
}

/** What a machine is told at its first start, where EC2 has its metadata service. */
async function makeSeed(options: MachineOptions, file: string): Promise<void> {
  const { userData, hostname, publicKey, address, gateway, nameservers } = options;
  const metaData = { "instance-id": `i-${hostname}`, "local-hostname": hostname, "public-keys": [publicKey] };
  const ethernet = {
    match: { name: "eth0" },
    addresses: [`${address}/24`],
    routes: [{ to: "0.0.0.0/0", via: gateway }],
    nameservers: { addresses: nameservers },
    // Nobody answers there, and the start would wait for it.
    "accept-ra": false,
  };
  const network = { version: 2, ethernets: { eth0: ethernet } };
  const files = {
    "user-data": userData,
    "meta-data": JSON.stringify(metaData),
    "network-config": JSON.stringify(network),
  };
  await execa("truncate", ["--size", "1M", file]);
  await execa("mkfs.vfat", ["-n", "CIDATA", file]);
  for (const [name, content] of Object.entries(files)) {
    await writeFile(`${file}.${name}`, content);
    await execa("mcopy", ["-i", file, `${file}.${name}`, `::${name}`]);
  }
}
