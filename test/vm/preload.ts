import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { waitFor } from "../../actions/wait.ts";

/**
 * Puts images of this machine's engine where an engine in that tree will find them. It is done by a second engine, which
 * has all of its files to itself, and a network namespace of its own: an engine that is told to have no bridge removes
 * the one that it finds, and so would take `docker0` away from the engine that runs here.
 */
export async function preload(root: string, images: readonly string[]): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), "spilo-preload-"));
  const socket = `unix://${place}/docker.sock`;
  const engine = spawn(
    "unshare",
    [
      ...["--net", "dockerd"],
      ...["--host", socket, "--data-root", join(root, "var/lib/docker"), "--exec-root", join(place, "run")],
      ...["--pidfile", join(place, "pid"), "--storage-driver", "overlay2"],
      ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"],
    ],
    { stdio: "ignore" },
  );
  const ended = new Promise<void>((resolve) => {
    engine.once("exit", () => resolve());
    engine.once("error", () => resolve());
  });
  const docker = (...args: readonly string[]) =>
    execa("docker", ["--host", socket, ...args], { reject: false });
  try {
    await waitFor({ what: "the engine that fills an image answers", deadlineMs: 60_000 }, async () => {
      const { exitCode, stderr } = await docker("version");
      return exitCode === 0 ? { found: true } : { pending: stderr };
    });
    const saved = execa("docker", ["save", ...images], { buffer: false, encoding: "buffer" });
    const [, loaded] = await Promise.all([
      saved,
      execa("docker", ["--host", socket, "load"], { input: saved.stdout, buffer: true }),
    ]);
    if (loaded.exitCode !== 0) throw new Error(`docker load: ${loaded.stderr}`);
  } finally {
    engine.kill("SIGTERM");
    await ended;
    await rm(place, { recursive: true, force: true });
  }
}
