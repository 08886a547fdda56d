import type Docker from "dockerode";
import { ActionError, reasonOf } from "../action-error.ts";
import { type ContainerExec, containerExec } from "./container-exec.ts";
import { engineClient, engineStatusOf } from "./engine-client.ts";
import { inspectIfThere } from "./inspect-if-there.ts";

export interface ThrowAwayOptions {
  /** The engine's address as the docker provider takes it. */
  readonly engine: string;
  /** The container whose image, network and limits it has. It need not run. */
  readonly like: string;
  readonly name: string;
  /** After that it ends by itself, also when nobody is there any more who removes it. */
  readonly lifeSeconds: number;
  /** A folder that is in memory alone, for what is not to come to the disk. */
  readonly inMemory: string;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program of the container as PostgreSQL's user. */
export type RunInside = (
  command: readonly string[],
  options: Omit<Parameters<ContainerExec>[2], "user">,
) => ReturnType<ContainerExec>;

/** How long the engine may take for each step. */
const TIMEOUT_MS = 60_000;

/**
 * Has a container beside another one of the same engine: with its image, in its network and with its limits, but without
 * its variables, its volumes, its address and its capabilities. Nothing of it is published, and nothing stays: it goes when
 * the work is done, has failed or was interrupted, with all that was written in it.
 *
 * @throws ActionError `failed` when the other container is not there, or with the engine's reason; `unreachable`.
 */
export async function withThrowAway<T>(
  options: ThrowAwayOptions,
  work: (run: RunInside) => Promise<T>,
): Promise<T> {
  const { engine: host, name, signal } = options;
  const engine = await engineClient(host);
  const exec = containerExec(host);
  try {
    await start(engine, options);
    signal?.throwIfAborted();
    return await work((command, run) => exec(name, command, { ...run, user: "postgres" }));
  } finally {
    await remove(engine.getContainer(name));
  }
}

async function start(engine: Docker, options: ThrowAwayOptions): Promise<void> {
  const { engine: host, like, name } = options;
  // Not the signal: what was begun by then has to be known, so that it can be removed.
  const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const found = await inspectIfThere(engine.getContainer(like), TIMEOUT_MS);
    if (found === undefined) throw new ActionError("failed", `${host} has no container ${like}`);
    const container = await engine.createContainer({ ...likenessOf(found, options), abortSignal });
    await container.start({ abortSignal });
  } catch (error) {
    if (error instanceof ActionError) throw error;
    const code = engineStatusOf(error) === undefined ? "unreachable" : "failed";
    throw new ActionError(code, `the container ${name} at ${host}: ${reasonOf(error)}`, { cause: error });
  }
}

function likenessOf(
  { Image, Config, HostConfig, NetworkSettings }: Docker.ContainerInspectInfo,
  { name, lifeSeconds, inMemory }: ThrowAwayOptions,
): Docker.ContainerCreateOptions {
  const { Memory, MemorySwap, ShmSize, NanoCpus, CpuPeriod, CpuQuota } = HostConfig;
  const [network = HostConfig.NetworkMode ?? "none"] = Object.keys(NetworkSettings.Networks);
  return {
    name,
    Image,
    // Programs are run in it; by itself it only waits for its end.
    Entrypoint: ["sleep"],
    Cmd: [String(lifeSeconds)],
    User: "postgres",
    Labels: { ...Config.Labels, "pulumi-spilo.part": "throw-away" },
    HostConfig: {
      NetworkMode: network,
      // With the nameless volumes that the image asks for.
      AutoRemove: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      PidsLimit: 1024,
      Tmpfs: { [inMemory]: "mode=1777,size=1m" },
      LogConfig: { Type: "none", Config: {} },
      ...defined({ Memory, MemorySwap, ShmSize, NanoCpus, CpuPeriod, CpuQuota }),
    },
  };
}

function defined(limits: Readonly<Record<string, number | undefined>>): Record<string, number> {
  const set = Object.entries(limits).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return Object.fromEntries(set);
}

/** It may have gone by itself, or be going. */
async function remove(container: Docker.Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    const status = engineStatusOf(error);
    if (status === 404 || status === 409) return;
    const message = `${container.id} could not be removed: ${reasonOf(error)}: \`docker rm --force ${container.id}\``;
    throw new ActionError("failed", message, { cause: error });
  }
}
