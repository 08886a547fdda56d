import { randomInt } from "node:crypto";
import { z } from "zod";
import type { Kind } from "../kind.ts";
import { secret } from "../wire.ts";

const inputs = z.object({
  purpose: z.string(),
  generation: z.number().int().positive(),
  length: z.number().int().min(16).max(128),
});

/** Letters and digits: a password ends up in URLs, YAML and shell variables. 32 of them hold 190 bits. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A password that changes only with its generation. */
export const password: Kind = {
  create: async (properties) => {
    const { purpose, generation, length } = inputs.parse(properties);
    const value = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
    return { id: `${purpose}-${generation}`, outputs: { value: secret(value) } };
  },
};
