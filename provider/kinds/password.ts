import { randomInt } from "node:crypto";
import { z } from "zod";
import type { Kind } from "../kind.ts";
import { secret } from "../wire.ts";

const inputs = z.object({
  purpose: z.string(),
  generation: z.number().int().positive(),
  length: z.number().int().min(16).max(128),
});

const made = z.object({ value: z.string() });

/** Letters and digits: a password ends up in URLs, YAML and shell variables. 32 of them hold 190 bits. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * A password that changes only with its generation. The former one is kept: it opens what has not moved on yet, also for
 * a run that takes up what another one left. It is there from the beginning, as an output that is absent counts as
 * unknown in every preview.
 */
export const password: Kind = {
  create: async (properties) => {
    const { purpose, length } = inputs.parse(properties);
    return { id: purpose, outputs: { value: secret(another(length)), former: secret("") } };
  },
  update: async (olds, news) => {
    const { length } = inputs.parse(news);
    return { value: secret(another(length)), former: secret(made.parse(olds).value) };
  },
};

function another(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}
