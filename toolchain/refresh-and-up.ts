import type { automation } from "@pulumi/pulumi";
import { z } from "zod";
import type { ClusterPlan } from "../cluster/index.ts";
import type { Handlers } from "./update-log.ts";

/** As much of a state as says what stands in which zone. */
const deployment = z.object({
  resources: z
    .array(
      z.object({
        urn: z.string(),
        type: z.string(),
        inputs: z.record(z.string(), z.unknown()).default({}),
        deletedWith: z.string().optional(),
      }),
    )
    .default([]),
});

/**
 * An update that sees what was changed by hand: a member that was killed is known by a refresh only. What stands in a
 * zone that cannot be had is left out of that, as its engine would be asked and not answer; the update then drops it.
 */
export async function refreshAndUp(
  stack: automation.Stack,
  plan: Pick<ClusterPlan, "zones">,
  handlers: Handlers,
): Promise<automation.UpResult> {
  const exclude = await standingIn(
    stack,
    plan.zones.flatMap(({ name, available }) => (available ? [] : [name])),
  );
  if (exclude.length === 0) return await stack.up({ ...handlers, refresh: true });
  await stack.refresh({ ...handlers, exclude });
  return await stack.up(handlers);
}

/** What the state has in these zones. */
async function standingIn(stack: automation.Stack, zones: readonly string[]): Promise<string[]> {
  if (zones.length === 0) return [];
  const { resources } = deployment.parse((await stack.exportStack()).deployment ?? {});
  const gone = resources.filter(
    ({ type, inputs }) => type === "spilo:index:Zone" && zones.some((name) => name === inputs["zone"]),
  );
  const urns = new Set(gone.map(({ urn }) => urn));
  return resources.flatMap(({ urn, deletedWith = "" }) => (urns.has(deletedWith) ? [urn] : []));
}
