import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import Docker from "dockerode";
import { waitFor } from "../../actions/wait.ts";
import type { EngineTls } from "./engine-tls.ts";
import type { ZoneNetwork } from "./network.ts";

/** A Docker engine of a zone's own. */
export interface ZoneEngine {
  /** The path of its socket, which is there whatever else it listens on. */
  readonly socket: string;
  /** Asks it at its socket: also while the zone is cut off. */
  readonly docker: Docker;
}

/**
 * Starts the engine of a zone in its network; data of an earlier start is taken up again.
 *
 * @param tls makes it listen on the zone's address as well.
 */
export async function startEngine(
  network: ZoneNetwork,
  directory: string,
  tls?: EngineTls,
): Promise<ZoneEngine> {
  const { socket, docker } = zoneEngine(directory);
  // What an engine keeps only while it runs; one that was killed has left it, and another would take it for its own.
  const running = await mkdtemp(join(directory, "run-"));
  const logFile = join(directory, "dockerd.log");
  const log = await open(logFile, "a");
  const [command, ...enter] = network.enter;
  const options = [
    `--data-root=${join(directory, "data")}`,
    `--exec-root=${running}`,
    `--pidfile=${join(running, "dockerd.pid")}`,
    `--host=unix://${socket}`,
    // Containers are on the zone's own network, and nothing of the machine's is touched.
    "--bridge=none",
    "--iptables=false",
  ];
  const daemon = spawn(command, [...enter, "dockerd", ...options, ...(tls?.options ?? [])], {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  daemon.unref();
  await log.close();
  await answers(docker, daemon, network, logFile);
  return { socket, docker };
}

/** The engine of a zone, whether it runs or not. */
export function zoneEngine(directory: string): ZoneEngine {
  const socket = join(directory, "docker.sock");
  return { socket, docker: new Docker({ socketPath: socket }) };
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
