import { lstat, mkdir } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { publishedImages } from "../../cluster/schema/published-images.ts";
import { buildImage, imageTag } from "../../images/build.ts";
import { imageExists } from "../../images/docker-client.ts";
import { packageRoot } from "../../images/package-root.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import type { Narrator } from "../verbs/verb.ts";
import { columns } from "./columns.ts";
import type { CliContext, Outcome } from "./context.ts";

interface Flags {
  readonly build: boolean;
  readonly all: boolean;
  readonly s3: boolean;
}

interface Place {
  readonly signal: AbortSignal;
  readonly narrator: Narrator;
}

const parts = ["spilo", "etcd", "proxy", "s3"] as const;

/** An image that clusters take. */
interface ImageReport {
  readonly part: (typeof parts)[number];
  readonly name: string;
  /** Whether the engine of Docker's own client has it. */
  readonly present: boolean;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("images")
    .description("tell which images this version's clusters take, and build those that nobody publishes")
    .option("--build", "build what is missing, on the engine of Docker's own client", false)
    .option("--all", "our own spilo and etcd too, for where no registry can be reached", false)
    .option("--no-s3", "leave the S3 server out: with backup.endpoint none is needed")
    .action(async (flags: Flags) => {
      await context.runAlone(async (place) => told(await imagesOf(flags, place)));
    });
}

async function imagesOf({ build, all, s3 }: Flags, place: Place): Promise<readonly ImageReport[]> {
  const { signal } = place;
  const root = packageRoot();
  const found: ImageReport[] = [];
  for (const part of parts.filter((one) => s3 || one !== "s3")) {
    const isOwn = all || part === "proxy" || part === "s3";
    const name = isOwn ? imageTag(part, root) : publishedImages[part];
    try {
      const isHere = await imageExists(name, { signal });
      const isBuilt = build && isOwn && !isHere;
      if (isBuilt) await built(part, root, place);
      found.push({ part, name, present: isHere || isBuilt });
    } catch (error) {
      throw new ActionError("failed", `image ${part}: ${reasonOf(error)}`, { cause: error });
    }
  }
  return found;
}

async function built(part: ImageReport["part"], root: string, { signal, narrator }: Place): Promise<void> {
  narrator.note(`${part} is built, which may take some minutes`);
  const began = performance.now();
  await buildImage(part, { root, workDir: await workFolder(), signal });
  narrator.step(`${part} built`, performance.now() - began);
}

/**
 * Builds share it and it survives them, so it has a name that is known; what lies in it goes into images, so nobody else may
 * write there.
 */
async function workFolder(): Promise<string> {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `pulumi-spilo-images-${uid}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = await lstat(folder);
  if (owner === uid && (mode & 0o022) === 0) return folder;
  throw new Error(`${folder}: others can write there: remove it`);
}

/** Those that are not the default of a specification, as the argument `images` takes them. */
function told(images: readonly ImageReport[]): Outcome {
  const otherwise = images.filter(({ part, name }) => name !== publishedImages[part]);
  const argument = Object.fromEntries(otherwise.map(({ part, name }) => [part, name]));
  return {
    report: { images: argument, parts: images },
    lines: () => [
      ...columns(images.map(({ part, name, present }) => [part, name, present ? "here" : "not here"])),
      `images: ${JSON.stringify(argument)}`,
    ],
  };
}
