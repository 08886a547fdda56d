import { z } from "zod";
import type { Document } from "./patroni-client.ts";

/** Slots that Patroni is told of, by name. */
export interface DeclaredSlots {
  /** It makes them, and copies them to the standbys. */
  readonly logical: readonly string[];
  /** It leaves them alone. */
  readonly kept: readonly string[];
}

const logicalSlot = z.object({ type: z.literal("logical") });

/** Somebody may have written other things there as well, which say nothing of a name. */
const settings = z.object({
  slots: z.record(z.string(), z.unknown()).nullish(),
  ignore_slots: z.array(z.object({ name: z.string().optional() })).nullish(),
});

/** @param config what GET /config answers. */
export function declaredSlotsIn(config: Document): DeclaredSlots {
  const { slots, ignore_slots: ignored } = settings.parse(config);
  return {
    logical: Object.entries(slots ?? {}).flatMap(([name, slot]) =>
      logicalSlot.safeParse(slot).success ? [name] : [],
    ),
    kept: (ignored ?? []).flatMap(({ name }) => (name === undefined ? [] : [name])),
  };
}
