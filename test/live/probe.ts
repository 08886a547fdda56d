import { execa } from "execa";
import { testImage } from "../test-image.ts";

/** A container with what an attacker would bring: nmap, tshark, curl, psql, openssl. */
export function probeImage(): Promise<string> {
  return testImage("probe");
}

export interface Tried {
  readonly exitCode: number;
  /** Standard output and standard error. */
  readonly output: string;
}

/** Runs a shell command in a container of its own on a network, which goes when it ends. */
export async function from(network: string, image: string, command: string): Promise<Tried> {
  const args = ["run", "--rm", "--network", network, image, "timeout", "240", "sh", "-c", command];
  const { exitCode = -1, all } = await execa("docker", args, { reject: false, all: true });
  return { exitCode, output: all };
}

/** `address:port` of every TCP port that is open, of all 65535, sorted. At T5 an answer that is late is not waited for. */
export async function openPorts(
  network: string,
  image: string,
  addresses: readonly string[],
): Promise<string[]> {
  return await scan(network, image, `-sS -p- -T4 ${addresses.join(" ")}`);
}

/**
 * The same where no answer is expected, and waiting for each of them would take minutes: one packet for each port, and
 * a whole connection for those that matter.
 */
export async function openPortsFromAfar(
  network: string,
  image: string,
  addresses: readonly string[],
  ports: readonly number[],
): Promise<string[]> {
  const all = `-sS -p- -T5 --max-retries 0 --min-rate 100000 ${addresses.join(" ")}`;
  const some = `-sT -p ${ports.join(",")} ${addresses.join(" ")}`;
  return [...(await scan(network, image, all)), ...(await scan(network, image, some))];
}

async function scan(network: string, image: string, options: string): Promise<string[]> {
  const { output } = await from(network, image, `nmap -n -Pn -oG - ${options}`);
  if (!output.includes("# Nmap done")) throw new Error(`the scan did not end: ${output}`);
  const hosts = output.matchAll(/^Host: (\S+) .*Ports: (.*)$/gm);
  const open = [...hosts].flatMap(([, address, ports = ""]) =>
    [...ports.matchAll(/(\d+)\/open\//g)].map(([, port]) => `${address}:${port}`),
  );
  return open.sort();
}
