/** One plugin and one name prefix for a test file that talks to the plugin directly; all that it makes is removed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Properties } from "../../toolchain/docker-plugin/values.ts";
import { docker, newPrefix, sweep } from "./leftovers.ts";
import { type PluginClient, PluginFailure, startPlugin } from "./plugin-client.ts";
import { ensureTinyImage, TINY_IMAGE } from "./tiny-image.ts";

export interface Bench {
  /** What the names of containers, networks, volumes and image tags begin with. */
  readonly prefix: string;
  /** Configured for the engine of the environment. Only inside tests. */
  readonly plugin: PluginClient;
  /** An empty folder on the host. Only inside tests. */
  readonly folder: string;
  /** Inputs of a container that does nothing for a long time. */
  readonly idle: (name: string, inputs?: Properties) => Properties;
}

/** Call it once, at the top of a test file. */
export function openBench(file: string): Bench {
  const prefix = newPrefix(file);
  let made: { readonly plugin: PluginClient; readonly folder: string } | undefined;
  const ready = () => {
    if (made) return made;
    throw new Error("the bench is open only inside tests");
  };
  beforeAll(async () => {
    await ensureTinyImage(docker);
    made = { plugin: await startPlugin(), folder: await mkdtemp(join(tmpdir(), prefix)) };
    await made.plugin.configure({});
  });
  afterAll(async () => {
    await made?.plugin.stop();
    await sweep(prefix);
    if (made) await rm(made.folder, { recursive: true });
  });
  return {
    prefix,
    get plugin() {
      return ready().plugin;
    },
    get folder() {
      return ready().folder;
    },
    idle: (name, inputs = {}) => ({
      name: prefix + name,
      image: TINY_IMAGE,
      command: ["sleep", "600"],
      ...inputs,
    }),
  };
}

/** Shell commands as a container's process. */
export function shell(script: string): Properties {
  return { command: ["sh", "-c", script] };
}

/** How a call fails. @throws when it does not */
export async function failure(work: Promise<unknown>): Promise<PluginFailure> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof PluginFailure) return outcome;
  throw new Error(`expected a failure of the plugin, got ${outcome}`);
}

/** A value as the Pulumi engine marks a secret. */
export function secret(value: string): Properties {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}
