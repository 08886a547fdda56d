import type { z } from "zod";
import { quantity, text } from "./schema-fields.ts";

/**
 * Keys that belong to the specification and are not built yet, by path. They are described and checked in form, so that
 * what is written ahead is written right.
 */
export const laterKeys: Readonly<Record<string, z.ZodType>> = {
  owner: text(
    /^[^\p{Cc}]{1,100}$/u,
    "must be a text of 1 to 100 characters",
    "Write for example owner: team-orders.",
  )
    .optional()
    .meta({ description: "Who a test cluster belongs to", standard: "none" }),
  ttl: quantity("s", "1min", "365d", "Write for example ttl: 2d.")
    .optional()
    .meta({ description: "How long a test cluster lives", standard: "none: for ever" }),
};
