import { spawn } from "node:child_process";
import { access, appendFile, mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { waitFor } from "../../actions/wait.ts";
import { installPackages } from "../apt.ts";
import type { LabPlace, ZoneNetwork } from "./network.ts";

/** A client that knows the zones of a lab, and nothing of the machine's own. */
export interface SshClient {
  /** Whoever has its private half may log in. */
  readonly publicKey: string;
  readonly knownHosts: string;
}

const server = "/usr/sbin/sshd";

/**
 * Makes a user's key, and a program `ssh` that finds it. Nothing below `~/.ssh` is read or written.
 *
 * @param path the folder for the program, which goes by its name.
 */
export async function makeSshClient(
  { subnet }: LabPlace,
  directory: string,
  path: string,
): Promise<SshClient> {
  await access(server).catch(() =>
    installPackages(["openssh-server"], "zones are reached through ssh", () => undefined),
  );
  await Promise.all([directory, path].map((folder) => mkdir(folder, { recursive: true })));
  const config = join(directory, "config");
  const knownHosts = join(directory, "known_hosts");
  const key = await makeKey(join(directory, "user_key"));
  const lines = [
    `Host ${subnet}.*`,
    `IdentityFile ${key}`,
    "IdentitiesOnly yes",
    `UserKnownHostsFile ${knownHosts}`,
    "GlobalKnownHostsFile /dev/null",
    "StrictHostKeyChecking yes",
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  await writeFile(join(path, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F ${config} "$@"\n`, { mode: 0o755 });
  return { publicKey: `${key}.pub`, knownHosts };
}

/** What a zone's server is started from, any number of times. */
export interface SshServer {
  /** As the docker provider takes it. */
  readonly host: string;
  start(): Promise<void>;
}

/**
 * Prepares a zone's server, and makes it known to the client. Root logs in by key alone, and `docker` over there asks the
 * zone's engine.
 */
export async function makeSshServer(
  { address }: ZoneNetwork,
  directory: string,
  client: SshClient,
): Promise<void> {
  const config = configIn(directory);
  const key = await makeKey(join(directory, "host_key"));
  const lines = [
    `ListenAddress ${address}:22`,
    `HostKey ${key}`,
    `AuthorizedKeysFile ${client.publicKey}`,
    "PidFile none",
    // Folders for all to write into, such as /tmp, are above the lab's own.
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    // By default it turns some away from the tenth on that come at once; each request to an engine comes by itself.
    "MaxStartups 100",
    `SetEnv DOCKER_HOST=unix://${join(directory, "docker.sock")}`,
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  await appendFile(client.knownHosts, `${address} ${await readFile(`${key}.pub`, "utf8")}`);
  // The one folder that is fixed in the program; where there is an init system, that makes it.
  await mkdir("/run/sshd", { recursive: true });
}

/** A zone's server that has been prepared. */
export function sshServer(network: ZoneNetwork, directory: string): SshServer {
  return {
    host: `ssh://root@${network.address}`,
    start: () => startServer(network, configIn(directory), join(directory, "sshd.log")),
  };
}

function configIn(directory: string): string {
  return join(directory, "sshd_config");
}

async function startServer(
  { enter, namespace }: ZoneNetwork,
  config: string,
  logFile: string,
): Promise<void> {
  // Of this start alone: it is read below.
  const log = await open(logFile, "w");
  const [command, ...args] = enter;
  const daemon = spawn(command, [...args, server, "-D", "-e", "-f", config], {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  daemon.unref();
  await log.close();
  await waitFor({ what: `sshd of ${namespace} listens`, deadlineMs: 10_000, everyMs: 50 }, async () => {
    const said = await readFile(logFile, "utf8");
    if (daemon.exitCode !== null) throw new Error(`sshd of ${namespace} ended: ${said.trim()}`);
    return said.includes("Server listening") ? { found: true } : { pending: "it does not" };
  });
}

/** @returns the path of the private half. */
async function makeKey(path: string): Promise<string> {
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", path]);
  return path;
}
