import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type BuildOptions, buildImage, type ImageName } from "../../images/build.ts";
import type { Authority, Issued } from "../../toolchain/zones/authority.ts";

/** The project's root folder. */
export const root = join(import.meta.dirname, "..", "..");

/** Builds an image if it is not there, and gives its tag. */
export function ready(name: ImageName, options: Partial<BuildOptions> = {}): Promise<string> {
  return buildImage(name, { root, workDir: join(root, ".local", "tmp", "images"), ...options });
}

/** Runs docker and gives what it printed. Throws with its message when it fails. */
export async function docker(args: readonly string[], input?: string): Promise<string> {
  const { stdout } = await execa("docker", args, input === undefined ? {} : { input });
  return stdout;
}

/** A file that is put into a volume. */
export interface FileInVolume {
  readonly content: string;
  /** @default 0o600 */
  readonly mode?: number;
}

/** User and group of an image, as numbers. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Who reads the files of a part. */
export const owners = {
  root: { uid: 0, gid: 0 },
  postgres: { uid: 101, gid: 103 },
  minio: { uid: 1000, gid: 1000 },
} as const;

/** A network of its own, and the containers of one test file on it. */
export interface Stage {
  /** A part's container and host name. */
  nameOf(part: string): string;
  /** The network's name. */
  readonly network: string;
  /** Makes a volume of this name, unless it is there, and gives its full name. */
  volume(part: string): Promise<string>;
  /**
   * Writes files into the volume that a part has at `/etc/identity`, if any are given, and gives the options that
   * mount it there. Nothing is started for it.
   */
  identity(part: string, files: Readonly<Record<string, FileInVolume>>, owner?: Owner): Promise<string[]>;
  /** Starts a container and gives its address. `options` go to `docker run` before the image. */
  start(
    part: string,
    image: string,
    options?: readonly string[],
    command?: readonly string[],
  ): Promise<string>;
  /** Runs a command in a container as PostgreSQL's user, with text on its standard input. */
  exec(part: string, command: readonly string[], input?: string): Promise<string>;
  /** Removes everything, whatever has happened before. */
  remove(): Promise<void>;
}

/** Makes a network for one test file. Fixed addresses take a subnet. */
export async function makeStage(topic: string, subnet?: string): Promise<Stage> {
  const prefix = `psimg-${topic}-${randomBytes(3).toString("hex")}`;
  await docker(["network", "create", ...(subnet === undefined ? [] : ["--subnet", subnet]), prefix]);
  const started: string[] = [];
  const volumes: string[] = [];
  const nameOf = (part: string) => `${prefix}-${part}`;
  const volume = async (part: string) => {
    const name = nameOf(part);
    if (!volumes.includes(name)) await docker(["volume", "create", name]);
    volumes.push(name);
    return name;
  };
  return {
    nameOf,
    network: prefix,
    volume,
    async identity(part, files, owner = owners.root) {
      const name = await volume(`${part}-identity`);
      if (Object.keys(files).length > 0) await writeIntoVolume(name, files, owner);
      return ["--volume", `${name}:/etc/identity:ro`];
    },
    async start(part, image, options = [], command = []) {
      const name = nameOf(part);
      started.push(name);
      const identity = ["--name", name, "--hostname", name, "--network", prefix];
      await docker(["run", "--detach", ...identity, ...options, image, ...command]);
      return docker([
        "inspect",
        "--format",
        "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
        name,
      ]);
    },
    exec: (part, command, input = "") =>
      docker(["exec", "--interactive", "--user", "postgres", nameOf(part), ...command], input),
    async remove() {
      if (started.length > 0)
        await execa("docker", ["rm", "--force", "--volumes", ...started], { reject: false });
      if (volumes.length > 0)
        await execa("docker", ["volume", "rm", "--force", ...volumes], { reject: false });
      await docker(["network", "rm", prefix]);
    },
  };
}

/** By a container that never runs: the engine takes an archive for it. */
async function writeIntoVolume(
  volume: string,
  files: Readonly<Record<string, FileInVolume>>,
  { uid, gid }: Owner,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "psimg-files-"));
  const container = `${volume}-writer`;
  try {
    for (const [name, { content, mode = 0o600 }] of Object.entries(files)) {
      await writeFile(join(folder, name), content);
      await chmod(join(folder, name), mode);
    }
    const ownership = [`--owner=:${uid}`, `--group=:${gid}`];
    const packed = await execa(
      "tar",
      ["--create", ...ownership, "--directory", folder, ...Object.keys(files)],
      { encoding: "buffer" },
    );
    await docker(["create", "--name", container, "--volume", `${volume}:/files`, await ready("etcd")]);
    await execa("docker", ["cp", "-", `${container}:/files`], { input: packed.stdout });
  } finally {
    await execa("docker", ["rm", "--force", container], { reject: false });
    await rm(folder, { recursive: true, force: true });
  }
}

/** The files of a part with a certificate, under the names that all but the S3 server look for. */
export function identityFiles(
  authority: Pick<Authority, "certificate">,
  { certificate, privateKey }: Issued,
): Record<"ca.crt" | "tls.crt" | "tls.key", FileInVolume> {
  return {
    "ca.crt": { content: authority.certificate, mode: 0o644 },
    "tls.crt": { content: certificate, mode: 0o644 },
    "tls.key": { content: privateKey },
  };
}

/** Variables as options of `docker run`. */
export function environment(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
}

/** Asks again until there is an answer that is not undefined. Throws what was waited for when the time is up. */
export async function eventually<T>(
  what: string,
  deadlineMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`not within ${deadlineMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
