import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it } from "vitest";
import { publishedImages } from "../../cluster/schema/published-images.ts";
import { imageTag } from "../../images/build.ts";
import { sourceHash } from "../../images/source-hash.ts";
import { root } from "../../toolchain/paths.ts";

/** `spiloctl images` with programs in the place of Docker and Go, which note what they are asked. */
let folder: string;
const base = `pulumi-spilo/base:${sourceHash(root, ["base"])}`;
const [proxy, s3] = [imageTag("proxy", root), imageTag("s3", root)];

/** It has the tags in a file; `FAILS` is the part whose build it refuses. */
const docker = `#!/bin/bash
set -e
case "$1 $2" in
  "image ls") ! grep -qxF "\${5#reference=}" "$ENGINE/tags" || echo 1a2b3c ;;
  "build "*)
    while [ "$1" != --tag ]; do shift; done
    part=\${2#*/}
    tar --list >"$ENGINE/\${part%:*}.files"
    case "$part" in "\${FAILS:-none}":*) echo "no room left"; exit 1 ;; esac
    echo "$2" >>"$ENGINE/tags" ;;
  *) echo "not asked for: $*" >&2; exit 1 ;;
esac
`;

/** It writes what it is asked for. */
const go = `#!/bin/bash
while [ "$1" != -o ]; do shift; done
echo compiled >"$2"
`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spilo-images-"));
  for (const name of ["bin", "engine", "tmp"]) await mkdir(join(folder, name));
  await writeFile(join(folder, "engine", "tags"), `${base}\n`);
  // Of the machine's own programs no more than a build takes.
  for (const name of ["bash", "env", "dirname", "readlink", "tar", "flock", "grep"]) {
    const { stdout } = await execa("bash", ["-c", `type -P ${name}`]);
    await symlink(stdout, join(folder, "bin", name));
  }
  await symlink(process.execPath, join(folder, "bin", "node"));
  await program("docker", docker);
  await program("go", go);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

it("tells what is there, and builds nothing unasked", async () => {
  const { stdout, exitCode } = await spiloctl([]);
  expect(exitCode).toBe(0);
  const rows = stdout.split("\n").map((line) => line.split(/ {2,}/));
  expect(rows.slice(0, -1)).toEqual([
    ["spilo", publishedImages.spilo, "not here"],
    ["etcd", publishedImages.etcd, "not here"],
    ["proxy", proxy, "not here"],
    ["s3", s3, "not here"],
  ]);
  expect(stdout.split("\n").at(-1)).toBe(`images: ${JSON.stringify({ proxy, s3 })}`);
  expect(await tags()).toEqual([base]);
});

it("builds the two that nobody publishes, each from its files, and not again", async () => {
  const { stdout } = await spiloctl(["--build", "--json"]);
  const { images, parts } = JSON.parse(stdout);
  expect(images).toEqual({ proxy, s3 });
  expect(parts.map(({ part, present }: { part: string; present: boolean }) => [part, present])).toEqual([
    ["spilo", false],
    ["etcd", false],
    ["proxy", true],
    ["s3", true],
  ]);
  expect(await tags()).toEqual([base, proxy, s3]);
  expect(await filesOf("proxy")).toEqual(expect.arrayContaining(["./Dockerfile", "shared/"]));
  expect(await filesOf("s3")).toEqual(expect.arrayContaining(["./Dockerfile", "./minio"]));
  await spiloctl(["--build"]);
  expect(await tags()).toEqual([base, proxy, s3]);
});

it("says what it builds as it goes, and nothing of what is there", async () => {
  const told = (await spiloctl(["--build"])).stdout;
  for (const part of ["proxy", "s3"]) {
    expect(told).toContain(`${part} is built, which may take some minutes`);
    expect(told).toMatch(new RegExp(`${part} built +\\d`));
  }
  expect((await spiloctl(["--build"])).stdout).not.toContain("built");
});

it("leaves the S3 server out with --no-s3, and takes no Go then", async () => {
  await rm(join(folder, "bin", "go"));
  const { stdout, exitCode } = await spiloctl(["--build", "--no-s3", "--json"]);
  expect(exitCode).toBe(0);
  const { images, parts } = JSON.parse(stdout);
  expect(images).toEqual({ proxy });
  expect(parts.map(({ part }: { part: string }) => part)).toEqual(["spilo", "etcd", "proxy"]);
  expect(await tags()).toEqual([base, proxy]);
});

it("builds stand-ins of Spilo and etcd with --all", async () => {
  const { stdout } = await spiloctl(["--build", "--all", "--json"]);
  const own = { spilo: imageTag("spilo", root), etcd: imageTag("etcd", root), proxy, s3 };
  expect(JSON.parse(stdout).images).toEqual(own);
  expect(await tags()).toEqual([base, ...Object.values(own)]);
});

it("says which program is missing and what for, with what it has built before", async () => {
  await rm(join(folder, "bin", "go"));
  const { stderr, exitCode } = await spiloctl(["--build"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    "image s3: go: not found: the S3 server is compiled by it; none is needed with backup.endpoint (--no-s3)",
  );
  expect(await tags()).toEqual([base, proxy]);
  await rm(join(folder, "bin", "docker"));
  expect((await spiloctl([])).stderr).toMatch(/image spilo: .*docker/);
});

it("says why a build has failed", async () => {
  const { stderr, exitCode } = await spiloctl(["--build"], { FAILS: "proxy" });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/image proxy: .*\n? *no room left/);
  expect(await tags()).toEqual([base]);
});

it("takes no folder that others can write to: what lies there goes into images", async () => {
  const shared = join(folder, "tmp", `pulumi-spilo-images-${userInfo().uid}`);
  await mkdir(shared);
  await chmod(shared, 0o777);
  const { stderr, exitCode } = await spiloctl(["--build"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`${shared}: others can write there: remove it`);
  expect(await tags()).toEqual([base]);
});

async function spiloctl(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const [bin, engine, tmp] = ["bin", "engine", "tmp"].map((name) => join(folder, name));
  return await execa(join(root, "spiloctl"), ["images", ...args], {
    env: { PATH: bin, ENGINE: engine, TMPDIR: tmp, ...more },
    extendEnv: false,
    reject: false,
  });
}

async function program(name: string, text: string): Promise<void> {
  await writeFile(join(folder, "bin", name), text, { mode: 0o755 });
}

async function tags(): Promise<readonly string[]> {
  return (await readFile(join(folder, "engine", "tags"), "utf8")).trim().split("\n");
}

/** What the build of an image was given. */
async function filesOf(part: "proxy" | "s3"): Promise<readonly string[]> {
  return (await readFile(join(folder, "engine", `${part}.files`), "utf8")).trim().split("\n");
}
