/**
 * A tiny image for tests, made without any registry: a statically linked BusyBox and its applets, among them `sh`,
 * `sleep`, `cat`, `nc` and `httpd`. It has no entrypoint, no command and no healthcheck.
 */
import { execFile, spawn } from "node:child_process";
import { access, copyFile, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import Docker from "dockerode";

const run = promisify(execFile);

/** The image's tag. Tests may run it, and give it other tags, but never remove this one. */
export const TINY_IMAGE = "pulumi-spilo/test-tiny:1";

/** Downloading one small package and importing it. */
const MAKE_TIMEOUT_MS = 90_000;

/** Makes sure that the image is there; test files that run at the same time make it once. */
export async function ensureTinyImage(docker: Docker = new Docker()): Promise<string> {
  const end = Date.now() + MAKE_TIMEOUT_MS;
  const lock = join(tmpdir(), "pulumi-spilo-test-tiny.lock");
  while (!(await hasImage(docker))) {
    if (await tryLock(lock)) {
      try {
        await makeImage(docker);
      } finally {
        await rm(lock, { recursive: true });
      }
    } else if (Date.now() > end) {
      throw new Error(
        `${TINY_IMAGE} is not made within ${MAKE_TIMEOUT_MS / 1000} s: remove ${lock} if nothing is making it`,
      );
    } else {
      await pause(200);
    }
  }
  return TINY_IMAGE;
}

async function hasImage(docker: Docker): Promise<boolean> {
  const images = await docker.listImages({ filters: { reference: [TINY_IMAGE] } });
  return images.length > 0;
}

/** A folder is made by one process only. */
async function tryLock(lock: string): Promise<boolean> {
  return await mkdir(lock).then(
    () => true,
    () => false,
  );
}

async function makeImage(docker: Docker): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "psconf-image-"));
  try {
    const root = join(scratch, "root");
    await layRoot(scratch, root);
    const [repo, tag] = TINY_IMAGE.split(":");
    const { stdout } = spawn("tar", ["-C", root, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
    const importing = await docker.importImage(stdout, { fromSrc: "-", repo, tag, changes: "ENV PATH=/bin" });
    // The image is there when the engine has said all that it has to say.
    for await (const _line of importing);
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** What a root file system needs at the least: the program under all of its names, and mount points. */
async function layRoot(scratch: string, root: string): Promise<void> {
  for (const folder of ["bin", "dev", "etc", "proc", "sys", "tmp"])
    await mkdir(join(root, folder), { recursive: true });
  const busybox = join(root, "bin", "busybox");
  await copyFile(await findBusybox(scratch), busybox);
  const { stdout } = await run(busybox, ["--list"]);
  const applets = stdout.split("\n").filter((name) => name !== "busybox" && /^[\w[-]+$/.test(name));
  for (const applet of applets) await symlink("busybox", join(root, "bin", applet));
}

/** Debian's statically linked build, which needs no libraries in the image. */
async function findBusybox(scratch: string): Promise<string> {
  // The sandbox user of apt cannot write here, which it says and which does no harm.
  await run("apt-get", ["download", "busybox-static"], { cwd: scratch });
  const archive = (await readdir(scratch)).find((name) => name.startsWith("busybox-static"));
  if (archive === undefined) throw new Error("apt-get download busybox-static left no file");
  const unpacked = join(scratch, "unpacked");
  await run("dpkg-deb", ["-x", join(scratch, archive), unpacked]);
  for (const path of ["bin/busybox", "usr/bin/busybox"].map((name) => join(unpacked, name))) {
    if (await exists(path)) return path;
  }
  throw new Error("busybox-static has no /bin/busybox");
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
