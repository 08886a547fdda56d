import { z } from "zod";
import { ActionError } from "../../actions/action-error.ts";
import { carryImage, type FoundImage, imageOn } from "../../actions/engine/carry-image.ts";
import { engineOfThisMachine } from "../../actions/engine/own-engine.ts";
import { asItWasUnlessAsked } from "../as-it-was.ts";
import type { Kind, KindContext } from "../kind.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({ image: z.string(), engine: z.string() });

/** An image on an engine, brought there from the engine of this machine. Tests hand in where that is. */
export function carriedImageFrom(own: () => string): Kind {
  return {
    create: async (properties, context) => {
      await carry(properties, own(), context);
      return { id: "carried-image", outputs: {} };
    },
    update: async (_olds, news, context) => {
      await carry(news, own(), context);
      return {};
    },
    read: async (properties, { report, signal }) =>
      await asItWasUnlessAsked({ report }, async () => {
        const { image, engine } = inputs.parse(properties);
        if ((await imageOn(engine, image, signal)) !== undefined) return {};
        report(`${image} is gone from ${engine}`);
        // Another one than is declared, so that the next update looks again.
        return { image: "" };
      }),
  };
}

export const carriedImage: Kind = carriedImageFrom(engineOfThisMachine);

async function carry(properties: Properties, from: string, context: KindContext): Promise<void> {
  const { report, signal } = context;
  const { image, engine: to } = inputs.parse(properties);
  // An archive of images does not tell them by digest.
  if (image.includes("@")) return;
  const there = await imageOn(to, image, signal);
  if (there !== undefined && hasRegistry(image)) return;
  const here = await imageHere(from, image, context);
  if (here === undefined || here.id === there?.id) return;
  report(`${image} (${here.sizeMib} MiB) is carried from this machine to ${to}`);
  await carryImage({ image, from, to, signal });
}

/** A machine without an engine has no images either, and need not have any. */
async function imageHere(
  from: string,
  image: string,
  { report, signal }: KindContext,
): Promise<FoundImage | undefined> {
  try {
    return await imageOn(from, image, signal);
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    if (error.code !== "unreachable") report(`${image} is not carried: ${error.message}`, "warning");
    return undefined;
  }
}

/** Names without a registry's host are those of images that are built here. */
function hasRegistry(image: string): boolean {
  const [host = "", ...path] = image.split("/");
  return path.length > 0 && (host === "localhost" || /[.:]/.test(host));
}
