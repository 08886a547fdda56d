import { randomInt } from "node:crypto";
import { z } from "zod";
import type { Kind } from "../kind.ts";
import { secret } from "../wire.ts";

const inputs = z.object({
  purpose: z.string(),
  generation: z.number().int().positive(),
  length: z.number().int().min(16).max(128),
  given: z.string().default(""),
});

const made = inputs.extend({ value: z.string(), former: z.string() });

/** Letters and digits: a password ends up in URLs, YAML and shell variables. 32 of them hold 190 bits. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * A password that changes only with its generation. The former one is kept: it opens what has not moved on yet, also for
 * a run that takes up what another one left. It is there from the beginning, as an output that is absent counts as
 * unknown in every preview. One that another cluster gives is that one, and is kept when it is not given any more.
 */
export const password: Kind = {
  create: async (properties) => {
    const { purpose, length, given } = inputs.parse(properties);
    return { id: purpose, outputs: { value: secret(given || another(length)), former: secret("") } };
  },
  update: async (olds, news) => {
    const { length, given, generation } = inputs.parse(news);
    const before = made.parse(olds);
    const stays = generation === before.generation;
    const value = given || (stays ? before.value : another(length));
    return { value: secret(value), former: secret(stays ? before.former : before.value) };
  },
};

function another(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}
