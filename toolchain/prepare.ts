import { delimiter } from "node:path";
import { type Backend, ensureBackend } from "./backend.ts";
import { ensureDockerPlugin } from "./docker-plugin.ts";
import { ensureEngine } from "./engine.ts";
import { ensureImages } from "./images.ts";
import { checkDisk } from "./preflight.ts";
import { step } from "./progress.ts";
import { ensurePulumi } from "./pulumi-cli.ts";
import type { ImageNames } from "./stack-config.ts";
import { reachOwnZones } from "./zones/own-zones.ts";

/** What a machine needs before a stack can be declared on it. */
export interface Prepared {
  /** Environment of every `pulumi` command. */
  readonly env: Record<string, string>;
  /** The folder of the CLI; absent when it is on the user's PATH. */
  readonly pulumiBin: string | undefined;
  /** The folder with what reaches the zones that were made on this machine; absent when there are none. */
  readonly zonesBin: string | undefined;
  readonly backend: Backend;
  readonly images: ImageNames;
}

/** Finds or installs every part, the official way first, each with a line of progress. */
export async function prepare(): Promise<Prepared> {
  await checkDisk();
  const engineless = await preparePulumi();
  await step("docker engine", ensureEngine);
  const images = await ensureImages();
  return { ...engineless, images };
}

/** The part of {@link prepare} that needs no engine. */
export async function preparePulumi(): Promise<Omit<Prepared, "images">> {
  const cli = await step("pulumi", ensurePulumi);
  if (cli.bin !== undefined) process.env["PATH"] = `${cli.bin}${delimiter}${process.env["PATH"] ?? ""}`;
  const zonesBin = await reachOwnZones();
  const backend = await ensureBackend();
  await step("docker plugin", (report) => ensureDockerPlugin(backend.env, report));
  return { env: backend.env, pulumiBin: cli.bin, zonesBin, backend };
}
