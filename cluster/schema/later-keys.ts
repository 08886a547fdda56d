import type { z } from "zod";

/**
 * Keys that belong to the specification and are not built yet, by path. They are described and checked in form, so that
 * what is written ahead is written right. There are none at present.
 */
export const laterKeys: Readonly<Record<string, z.ZodType>> = {};
