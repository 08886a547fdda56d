import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { z } from "zod";
import { ActionError } from "../action-error.ts";
import { askEngine } from "./ask-engine.ts";
import { engineClient } from "./engine-client.ts";
import { unlessStatus } from "./unless-status.ts";

const MIB = 1024 * 1024;

/** How long an engine may take to say which image it has. */
const LOOK_MS = 10_000;

/** An image of a gigabyte over a slow line. */
const CARRY_MS = 30 * 60_000;

export interface FoundImage {
  readonly id: string;
  readonly sizeMib: number;
}

/**
 * The image of a name that an engine has; undefined when it has none.
 *
 * @throws ActionError `unreachable` or `failed`.
 */
export async function imageOn(
  engine: string,
  image: string,
  signal?: AbortSignal,
): Promise<FoundImage | undefined> {
  return await askEngine({ engine, deadlineMs: LOOK_MS, signal }, async (client) => {
    const found = await unlessStatus(404, client.getImage(image).inspect());
    return found && { id: found.Id, sizeMib: Math.ceil(found.Size / MIB) };
  });
}

export interface Carrying {
  readonly image: string;
  /** The addresses of both engines, as the docker provider takes them. */
  readonly from: string;
  readonly to: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Streams an image with its name from one engine to another, and keeps nothing of it in between.
 *
 * @throws ActionError `unreachable`, or `failed` also when the image has not arrived.
 */
export async function carryImage({ image, from, to, signal }: Carrying): Promise<void> {
  const source = await engineClient(from);
  await askEngine({ engine: to, deadlineMs: CARRY_MS, signal }, async (target, abortSignal) => {
    const saved = await source.getImage(image).get();
    const body = new PassThrough();
    const stop = new AbortController();
    try {
      await Promise.all([
        pipeline(saved, body, { signal: AbortSignal.any([abortSignal, stop.signal]) }),
        load(target, image, body, abortSignal),
      ]);
    } finally {
      // An engine that refuses leaves the rest unread.
      stop.abort();
    }
  });
  if ((await imageOn(to, image, signal)) !== undefined) return;
  throw new ActionError("failed", `${image} was loaded at ${to}, which has no image of that name afterwards`);
}

const said = z.object({ error: z.string() });

/** What is wrong with an image comes as a line of an answer that says that all is well. */
async function load(
  target: Docker,
  image: string,
  body: NodeJS.ReadableStream,
  abortSignal: AbortSignal,
): Promise<void> {
  const answer = await target.loadImage(body, { quiet: true, abortSignal });
  const chunks: string[] = [];
  for await (const chunk of answer) chunks.push(String(chunk));
  const failure = chunks.join("").split("\n").map(errorIn).find(Boolean);
  if (failure !== undefined) throw new ActionError("failed", `${image} cannot be loaded: ${failure}`);
}

function errorIn(line: string): string | undefined {
  try {
    return said.safeParse(JSON.parse(line)).data?.error;
  } catch {
    return undefined;
  }
}
