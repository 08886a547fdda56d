import { z } from "zod";
import type { ClusterHandle } from "../handle.ts";
import { findCluster } from "../patroni/find-cluster.ts";

/** Slots that Patroni is told of, by name. */
export interface DeclaredSlots {
  /** It makes them, and copies them to the standbys. */
  readonly logical: readonly string[];
  /** It leaves them alone. */
  readonly kept: readonly string[];
}

/** Somebody may have written other things there as well, which say nothing of a name. */
const config = z.object({
  slots: z.record(z.string(), z.unknown()).nullish(),
  ignore_slots: z.array(z.object({ name: z.string().optional() })).nullish(),
});

/** @throws ActionError when nobody answers. */
export async function observeDeclaredSlots({ members, patroni }: ClusterHandle): Promise<DeclaredSlots> {
  const { restUrl } = await findCluster(
    patroni,
    members.map((member) => member.restUrl),
  );
  const { slots, ignore_slots: ignored } = config.parse(await patroni.config(restUrl));
  const isLogical = (slot: unknown) => z.object({ type: z.literal("logical") }).safeParse(slot).success;
  return {
    logical: Object.entries(slots ?? {}).flatMap(([name, slot]) => (isLogical(slot) ? [name] : [])),
    kept: (ignored ?? []).flatMap(({ name }) => (name === undefined ? [] : [name])),
  };
}
