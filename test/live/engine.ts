import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { connectEngine } from "../../toolchain/engine.ts";

const engine = connectEngine();

/** The container ids of a cluster's parts by name: an id that stays is a container that was not replaced. */
export async function containerIds(cluster: string): Promise<Record<string, string>> {
  const found = await engine.listContainers({
    all: true,
    filters: { label: [`pulumi-spilo.cluster=${cluster}`] },
  });
  const named = found.map(({ Id, Names }): [string, string] => [(Names[0] ?? "").slice(1), Id]);
  return Object.fromEntries(named.toSorted(([a], [b]) => a.localeCompare(b)));
}

/** Names of everything that carries a cluster's label. */
export async function everythingOf(cluster: string): Promise<string[]> {
  const list = async (...args: string[]) =>
    (await execa("docker", [...args, "--filter", `label=pulumi-spilo.cluster=${cluster}`])).stdout;
  const listed = await Promise.all([
    list("ps", "-a", "--format", "{{.Names}}"),
    list("volume", "ls", "-q"),
    list("network", "ls", "--format", "{{.Name}}"),
  ]);
  return listed
    .join("\n")
    .split("\n")
    .filter((line) => line !== "");
}

/** Waits until a container of that name is there. */
export async function containerAppears(name: string, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while ((await execa("docker", ["container", "inspect", name], { reject: false })).exitCode !== 0) {
    if (performance.now() > end) throw new Error(`no container ${name} within ${deadlineMs / 1000} s`);
    await pause(100);
  }
}

/** Processes of a container whose command line matches, as the host numbers them. */
export async function pidsOf(container: string, commandLine: RegExp): Promise<readonly number[]> {
  const { stdout } = await execa("docker", ["top", container, "-o", "pid,ppid,args"]);
  const found = stdout.split("\n").filter((line) => commandLine.test(line));
  return found.map((line) => Number(line.trim().split(/\s+/)[0])).filter((pid) => !Number.isNaN(pid));
}

/** Sends a signal to each of these processes. @throws Error when there is none. */
export async function signalTo(
  container: string,
  commandLine: RegExp,
  signal: "SIGSTOP" | "SIGCONT" | "SIGTERM",
): Promise<void> {
  const pids = await pidsOf(container, commandLine);
  if (pids.length === 0) throw new Error(`${container}: no process like ${commandLine}`);
  for (const pid of pids) process.kill(pid, signal);
}

/** The process that is PID 1 in the container, as the host numbers it. */
export async function hostPid(name: string): Promise<number> {
  return (await engine.getContainer(name).inspect()).State.Pid;
}
