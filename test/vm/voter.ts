import { chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import type { PlannedCluster, PlannedMachine } from "./planned.ts";

interface PartFile {
  readonly image: string;
  readonly command: readonly string[];
  readonly arguments: readonly string[];
  readonly files: { readonly secret: string };
}

/** What a machine's user data tell of its container. */
export function partOf({ userData, part }: PlannedMachine): PartFile {
  const files: { readonly path: string; readonly content: string }[] = parse(userData).write_files;
  const found = files.find(({ path }) => path === "/etc/pulumi-spilo/part.json");
  if (found === undefined) throw new Error(`the user data of ${part} have no part.json`);
  return JSON.parse(found.content);
}

/**
 * Starts a voter in a container of this machine's, at its planned address and with the files of its secret: a machine of
 * its own would have nothing to show that a member's does not, and take a processor.
 *
 * @param name of the container; its host knows it by its part's name.
 */
export async function startVoter(
  network: string,
  name: string,
  folder: string,
  machine: PlannedMachine,
  { secrets }: PlannedCluster,
): Promise<void> {
  const { image, command, files } = partOf(machine);
  const secret = secrets.find(({ arn }) => arn === files.secret);
  const identity = join(folder, machine.part);
  await mkdir(identity, { recursive: true });
  await chown(identity, 0, 0);
  for (const [file, { content, mode }] of Object.entries<{ content: string; mode: number }>(
    JSON.parse(secret?.text ?? "{}"),
  )) {
    await writeFile(join(identity, file), content, { mode });
  }
  const place = ["--network", network, "--ip", machine.address, "--name", name, "--hostname", machine.part];
  const mounts = ["--volume", `${identity}:/etc/identity:ro`, "--tmpfs", "/var/lib/etcd:mode=0700"];
  await execa("docker", ["run", "--detach", ...place, ...mounts, image, ...command]);
}
