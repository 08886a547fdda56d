import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { PREFIX } from "./names.ts";

/** The engine that the tests use: the one of `DOCKER_HOST`, else the local one. */
export const docker = new Docker();

/** A prefix for one test file's containers, networks, volumes and image tags, so that files may run at the same time. */
export function newPrefix(file: string): string {
  return `${PREFIX}${file}-${randomBytes(3).toString("hex")}-`;
}

/** Removes everything whose name begins so, also what a failed test left. */
export async function sweep(prefix: string): Promise<void> {
  const filters = { name: [prefix] };
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true, v: true });
  }
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
  const { Volumes } = await docker.listVolumes({ filters });
  for (const { Name } of Volumes ?? []) await docker.getVolume(Name).remove();
  const images = await docker.listImages({ filters: { reference: [`${prefix}*`] } });
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith(prefix));
  for (const tag of tags) await docker.getImage(tag).remove();
}

/** Runs a command in a container. @returns what it says, standard error included */
export async function run(container: string, ...command: readonly string[]): Promise<string> {
  const exec = await docker.getContainer(container).exec({
    Cmd: [...command],
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
  });
  const stream = await exec.start({ Tty: true });
  const said: string[] = [];
  for await (const chunk of stream) said.push(String(chunk));
  return said.join("").replaceAll("\r\n", "\n").trim();
}
