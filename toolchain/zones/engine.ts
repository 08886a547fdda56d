import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import Docker from "dockerode";
import { waitFor } from "../../actions/wait.ts";
import type { ZoneNetwork } from "./network.ts";

/** A Docker engine of a zone's own. */
export interface ZoneEngine {
  /** As the docker provider takes it. */
  readonly host: string;
  readonly docker: Docker;
}

/** Starts the engine of a zone in its network; data of an earlier start is taken up again. */
export async function startEngine(network: ZoneNetwork, directory: string): Promise<ZoneEngine> {
  await mkdir(directory, { recursive: true });
  const socket = join(directory, "docker.sock");
  // What an engine keeps only while it runs; one that was killed has left it, and another would take it for its own.
  const running = await mkdtemp(join(directory, "run-"));
  const logFile = join(directory, "dockerd.log");
  const log = await open(logFile, "a");
  const [command, ...enter] = network.enter;
  const daemon = spawn(
    command,
    [
      ...[...enter, "dockerd", "--data-root", join(directory, "data"), "--exec-root", running],
      ...["--host", `unix://${socket}`, "--pidfile", join(running, "dockerd.pid")],
      // Containers are on the zone's own network, and nothing of the machine's is touched.
      ...["--bridge=none", "--iptables=false"],
    ],
    { detached: true, stdio: ["ignore", log.fd, log.fd] },
  );
  daemon.unref();
  await log.close();
  const docker = new Docker({ socketPath: socket });
  await answers(docker, daemon, network, logFile);
  return { host: `unix://${socket}`, docker };
}

async function answers(
  docker: Docker,
  daemon: ChildProcess,
  { namespace }: ZoneNetwork,
  log: string,
): Promise<void> {
  await waitFor({ what: `the engine of ${namespace} answers`, deadlineMs: 60_000 }, async () => {
    if (daemon.exitCode !== null) {
      const lines = (await readFile(log, "utf8")).trim().split("\n");
      throw new Error(`the engine of ${namespace} ended with ${daemon.exitCode}: ${lines.at(-1)}`);
    }
    const version = await docker.version().catch(() => undefined);
    return version === undefined ? { pending: "it does not" } : { found: version };
  });
}
