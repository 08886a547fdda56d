import { execa } from "execa";
import { waitFor } from "../../actions/wait.ts";

/** The proxies of a cluster that hold its address: one, but for the moment in which it moves. */
export async function holdersOf(cluster: string, address: string): Promise<string[]> {
  const found = await Promise.all(
    proxiesOf(cluster).map(async (name) => {
      const held = await inside(name, `ip -oneline -4 address show to ${address}`);
      return held === undefined || held === "" ? [] : [name];
    }),
  );
  return found.flat();
}

/** Waits until one proxy holds the address and the other watches it, ready to take it. @returns the one that holds it. */
export async function settled(cluster: string, address: string): Promise<string> {
  const names = proxiesOf(cluster);
  return await waitFor({ what: `both proxies of ${cluster} are fit`, deadlineMs: 30_000 }, async () => {
    const [holder, ...others] = await holdersOf(cluster, address);
    const states = await Promise.all(names.map(vrrpState));
    const expected = names.map((name) => (name === holder ? "MASTER" : "BACKUP"));
    if (holder !== undefined && others.length === 0 && states.join() === expected.join())
      return { found: holder };
    return { pending: `${states.join(", ")}; held by ${holder}` };
  });
}

/** As keepalived has said last. It is BACKUP only when the HAProxy beside it serves. */
async function vrrpState(name: string): Promise<string | undefined> {
  const { all } = await execa("docker", ["logs", "--tail", "200", name], { all: true });
  return all
    .match(/entering \w+ state/gi)
    ?.at(-1)
    ?.split(" ")[1];
}

/** HAProxy's own process, as the host numbers it: the one that is no child of another HAProxy. */
export async function haproxyPid(name: string): Promise<number> {
  const { stdout } = await execa("docker", ["top", name, "-o", "pid,ppid,comm"]);
  const rows = stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , program]) => program === "haproxy");
  const pids = rows.map(([pid]) => pid);
  const master = rows.find(([, parent]) => !pids.includes(parent));
  if (master === undefined) throw new Error(`no HAProxy in ${name}`);
  return Number(master[0]);
}

function proxiesOf(cluster: string): string[] {
  return [`${cluster}-proxy-1`, `${cluster}-proxy-2`];
}

/** What a command prints in a container; undefined when it fails, or the container does not run. */
async function inside(name: string, command: string): Promise<string | undefined> {
  const { exitCode, stdout } = await execa("docker", ["exec", name, "sh", "-c", command], { reject: false });
  return exitCode === 0 ? stdout : undefined;
}
