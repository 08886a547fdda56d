import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { imageExists, type RunOptions, runLines } from "./docker-client.ts";
import { sourceHash } from "./source-hash.ts";

const officialBase = "debian:trixie-slim";
const firstAnswerMs = 5_000;
const pullMs = 300_000;

/** Finds the image that all others are built on: the official one, here or pulled, else one made by debootstrap. */
export async function findOrMakeBase(
  options: RunOptions & { readonly root: string; readonly workDir: string },
): Promise<string> {
  const ownBase = `pulumi-spilo/base:${sourceHash(options.root, ["base"])}`;
  for (const tag of [ownBase, officialBase]) {
    if (await imageExists(tag, options)) return tag;
  }
  if (await pull(officialBase, options)) return officialBase;
  options.onLine?.(`${officialBase} cannot be pulled from here: its like is made by debootstrap`);
  await mkdir(options.workDir, { recursive: true });
  const script = join(options.root, "images", "base", "make-base.sh");
  await runLines(script, [ownBase, join(options.workDir, "base")], options);
  return ownBase;
}

/** Pulls an image; false when the registry says nothing for 5 s, or no. */
async function pull(tag: string, options: RunOptions): Promise<boolean> {
  const silence = new AbortController();
  const noAnswer = setTimeout(() => silence.abort(), firstAnswerMs);
  const signals = [silence.signal, ...(options.signal ? [options.signal] : [])];
  const child = execa("docker", ["pull", tag], {
    reject: false,
    timeout: pullMs,
    cancelSignal: AbortSignal.any(signals),
    all: true,
  });
  for await (const line of child.iterable({ from: "stdout" })) {
    clearTimeout(noAnswer);
    options.onLine?.(line);
  }
  const result = await child;
  clearTimeout(noAnswer);
  options.signal?.throwIfAborted();
  return !result.failed;
}
