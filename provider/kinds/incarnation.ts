import { randomBytes } from "node:crypto";
import type { Kind } from "../kind.ts";

/** A token of eight hexadecimal digits for the life of a cluster. */
export const incarnation: Kind = {
  create: async () => {
    const token = randomBytes(4).toString("hex");
    return { id: token, outputs: { token } };
  },
};
