import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { installPackages } from "../../toolchain/apt.ts";
import { local } from "../../toolchain/paths.ts";
import { registryAddress } from "./network.ts";
import { preload } from "./preload.ts";

/** A system that machines start from. Nobody writes to it. */
export interface Image {
  /** Raw, with one partition. */
  readonly disk: string;
  readonly kernel: string;
  /** Id of the partition that it starts from. */
  readonly partition: string;
}

const programs = ["qemu-system-x86_64", "qemu-img", "debootstrap", "mkfs.vfat", "mcopy", "sfdisk"] as const;
const packages = [
  "qemu-system-x86",
  "qemu-utils",
  "ipxe-qemu",
  "seabios",
  "debootstrap",
  "dosfstools",
  "mtools",
  "fdisk",
];

/** What images are made with, and machines run by. */
export async function ensurePrograms(): Promise<void> {
  for (const program of programs) {
    const { exitCode } = await execa("which", [program], { reject: false });
    if (exitCode === 0) continue;
    return await installPackages(packages, "machines like those of EC2 run in it", () => undefined);
  }
}

/**
 * An image with what docs/aws.md calls prepared: Docker, curl, Python, e2fsprogs, and these container images.
 * Made once for what it is made of.
 */
export async function preparedImage(images: readonly string[]): Promise<Image> {
  return await imageOf("prepared", ["docker.io", "apparmor", "curl", "python3"], images);
}

/**
 * Debian as it is on EC2, with nothing that this project needs. Made once. What it installs comes from where this machine
 * has its packages; of registries, it knows the tests' own as well.
 */
export async function bareImage(): Promise<Image> {
  return await imageOf("bare", [], [], {
    "etc/docker/daemon.json": JSON.stringify({ "registry-mirrors": [`http://${registryAddress}`] }),
  });
}

const partition = "5a1b7e3c-0c1d-4e2f-8a3b-4c5d6e7f8091";
const folder = join(local, "vm");

async function imageOf(
  kind: string,
  extra: readonly string[],
  images: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Image> {
  const script = join(import.meta.dirname, "make-root.sh");
  const made = [await readFile(script, "utf8"), partition, ...extra, ...images, ...Object.values(files)];
  const name = `${kind}-${createHash("sha256").update(made.join("\n")).digest("hex").slice(0, 12)}`;
  const image = { disk: join(folder, `${name}.raw`), kernel: join(folder, `${name}.vmlinuz`), partition };
  if (existsSync(image.disk)) return image;
  await ensurePrograms();
  const root = join(folder, `${name}.root`);
  await removeTree(root);
  await mkdir(root, { recursive: true });
  try {
    await execa("unshare", [
      "--mount",
      "--propagation",
      "private",
      "bash",
      script,
      root,
      await mirror(),
      partition,
      ...extra,
    ]);
    if (images.length > 0) await preload(root, images);
    for (const [file, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), content);
    }
    const [kernel = ""] = (await readdir(join(root, "boot"))).filter((file) => file.startsWith("vmlinuz"));
    await execa("cp", [join(root, "boot", kernel), image.kernel]);
    await makeDisk(root, image.disk);
  } finally {
    await removeTree(root);
  }
  await removeFormer(kind, name);
  return image;
}

/** Nothing is mounted below it: what was, has gone with the process that made it. */
async function removeTree(root: string): Promise<void> {
  await execa("rm", ["-rf", "--one-file-system", root]);
}

/** From where this machine has its packages. */
async function mirror(): Promise<string> {
  const { stdout } = await execa("apt-get", ["indextargets", "--format", "$(SITE) $(ORIGIN) $(COMPONENT)"]);
  const [first = ""] = stdout.split("\n").filter((line) => line.endsWith(" Debian main"));
  const [site] = first.split(" ");
  return site || "http://deb.debian.org/debian";
}

/** One partition, with the tree in it. It appears when it is whole. */
async function makeDisk(root: string, file: string): Promise<void> {
  const unfinished = `${file}.unfinished`;
  await rm(unfinished, { force: true });
  await execa("truncate", ["--size", "10G", unfinished]);
  const table = `label: gpt\nstart=2048, uuid=${partition}\n`;
  await execa("sfdisk", ["--quiet", unfinished], { input: table });
  const kib = 10 * 1024 * 1024 - 2048;
  await execa("mkfs.ext4", ["-q", "-F", "-E", "offset=1048576", "-d", root, unfinished, `${kib}k`]);
  await rename(unfinished, file);
}

/** Of the same kind, made of something else: they are large. */
async function removeFormer(kind: string, name: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const path = join(folder, file);
    const isOther = file.startsWith(`${kind}-`) && !file.startsWith(`${name}.`);
    if (isOther && (await stat(path)).isFile()) await rm(path);
  }
}
