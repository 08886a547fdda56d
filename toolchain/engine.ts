import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Docker from "dockerode";
import { execa } from "execa";
import { installPackages } from "./apt.ts";
import { Failure } from "./failure.ts";
import { engineDirectory } from "./paths.ts";
import type { Report } from "./progress.ts";

/** How long an engine may take from its start to its first answer. */
const START_DEADLINE_MS = 60_000;

const pidFile = join(engineDirectory, "dockerd.pid");
const logFile = join(engineDirectory, "dockerd.log");

/** The engine that `DOCKER_HOST` names, else the local socket. */
export function connectEngine(): Docker {
  return new Docker();
}

/** A Docker engine that answers: running, else started, else installed and started. */
export async function ensureEngine(report: Report): Promise<{ readonly how: string }> {
  const found = await engineVersion();
  if (found !== undefined) return { how: `${found} running` };
  if (process.env["DOCKER_HOST"] !== undefined) throw unreachableHost(process.env["DOCKER_HOST"]);
  const installed = existsSync("/usr/sbin/dockerd") || existsSync("/usr/bin/dockerd");
  if (!installed) await installPackages(["docker.io", "iptables"], "containers need a Docker engine", report);
  await startEngine(report);
  return { how: `${await engineVersion()} ${installed ? "started" : "installed and started"}` };
}

/** Stops the engine if, and only if, we started it. */
export async function stopOwnEngine(): Promise<boolean> {
  const pid = await ownEnginePid();
  if (pid === undefined) return false;
  process.kill(pid, "SIGTERM");
  await waitUntil(() => !isDockerd(pid), 30_000);
  await rm(pidFile, { force: true });
  return true;
}

/** The version of an engine that answers; undefined when there is none. No rights on its socket is an error. */
async function engineVersion(): Promise<string | undefined> {
  try {
    return (await connectEngine().version()).Version;
  } catch (error) {
    if (errorCode(error) === "EACCES") throw noRights();
    return undefined;
  }
}

/** The machine's own service first, so that an engine which is the system's stays the system's. */
async function startEngine(report: Report): Promise<void> {
  const asRoot = process.getuid?.() === 0;
  if (asRoot && existsSync("/run/systemd/system")) {
    report("systemctl start docker");
    const started = await execa("systemctl", ["start", "docker"], { reject: false });
    if (started.exitCode === 0 && (await answersWithin(START_DEADLINE_MS))) return;
  }
  if (!asRoot) {
    throw new Failure(
      "docker: the engine does not run",
      "no engine answers on /var/run/docker.sock, and starting one takes root.",
      "Start it (sudo systemctl start docker), or run this as root, or set DOCKER_HOST to an engine.",
    );
  }
  report("starting dockerd");
  const ended = await spawnEngine();
  if (!(await answersWithin(START_DEADLINE_MS, ended))) throw await notStartable();
}

/**
 * Without an init system: a detached dockerd that lives on after `./run`, until `./run down` stops it.
 * Returns a question: has it given up?
 */
async function spawnEngine(): Promise<() => boolean> {
  await mkdir(engineDirectory, { recursive: true });
  await rm(pidFile, { force: true });
  const log = openSync(logFile, "w");
  const child = spawn("dockerd", ["--pidfile", pidFile], { detached: true, stdio: ["ignore", log, log] });
  let hasEnded = false;
  child.once("error", () => (hasEnded = true));
  child.once("exit", () => (hasEnded = true));
  child.unref();
  return () => hasEnded;
}

async function answersWithin(milliseconds: number, givesUp?: () => boolean): Promise<boolean> {
  return await waitUntil(async () => (await engineVersion()) !== undefined, milliseconds, givesUp);
}

async function waitUntil(
  done: () => boolean | Promise<boolean>,
  milliseconds: number,
  givesUp: () => boolean = () => false,
): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (Date.now() < deadline && !givesUp()) {
    if (await done()) return true;
    await pause(250);
  }
  return false;
}

async function ownEnginePid(): Promise<number | undefined> {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number.parseInt(await readFile(pidFile, "utf8"), 10);
  return isDockerd(pid) ? pid : undefined;
}

/** Asks for the name too: a process id may have been given to somebody else since. */
function isDockerd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "dockerd";
  } catch {
    return false; // gone
  }
}

async function notStartable(): Promise<Failure> {
  const lines = existsSync(logFile) ? (await readFile(logFile, "utf8")).trim().split("\n") : [];
  const last =
    lines.filter((line) => /level=(error|fatal)|failed/.test(line)).at(-1) ?? lines.at(-1) ?? "no output";
  return new Failure(
    "docker: the engine could not be started",
    `its last complaint: ${last}`,
    `Look at ${logFile}, mend the cause, and run this again; or set DOCKER_HOST to an engine.`,
  );
}

function noRights(): Failure {
  return new Failure(
    "docker: no rights on /var/run/docker.sock",
    `the engine runs, but user ${process.env["USER"] ?? process.getuid?.()} may not use it.`,
    "Run this as root, or join the group that owns the socket (sudo usermod -aG docker $USER, then log in again).",
  );
}

function unreachableHost(host: string): Failure {
  return new Failure(
    `DOCKER_HOST: ${host}`,
    "no engine answers there.",
    "Start that engine, correct DOCKER_HOST, or unset it to use the local engine.",
  );
}

function errorCode(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined;
}
