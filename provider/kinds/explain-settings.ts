import { z } from "zod";
import { areSameSettings } from "../../actions/settings/settings-patch.ts";
import type { DynamicSettings } from "../../cluster/plan-types.ts";
import { describeChange } from "../../cluster/settings/settings-change.ts";
import type { Properties } from "../wire.ts";

const parameter = z.union([z.string(), z.number(), z.boolean()]);

const slot = z.object({ type: z.literal("logical"), database: z.string(), plugin: z.string() });

const document: z.ZodType<DynamicSettings> = z.object({
  ttl: z.number(),
  loop_wait: z.number(),
  retry_timeout: z.number(),
  primary_start_timeout: z.number(),
  maximum_lag_on_failover: z.number(),
  failsafe_mode: z.boolean(),
  synchronous_mode: z.enum(["off", "on", "quorum"]),
  synchronous_mode_strict: z.boolean(),
  synchronous_node_count: z.number(),
  slots: z.record(z.string(), slot).exactOptional(),
  ignore_slots: z.array(z.object({ name: z.string() })).exactOptional(),
  postgresql: z.object({
    use_pg_rewind: z.boolean(),
    remove_data_directory_on_rewind_failure: z.boolean().default(false),
    remove_data_directory_on_diverged_timelines: z.boolean().default(false),
    use_slots: z.boolean(),
    parameters: z.record(z.string(), parameter),
  }),
});

/** What a change of the settings will do, in sentences; nothing when the settings stay as they are. */
export async function explainSettings(olds: Properties, news: Properties): Promise<readonly string[]> {
  if (areSameSettings(olds["settings"], news["settings"])) return [];
  const from = document.safeParse(olds["settings"]);
  const to = document.safeParse(news["settings"]);
  if (from.success && to.success) return describeChange(from.data, to.data).sentences;
  return [
    "somebody changed Patroni's settings in a way that this stack does not: they are put back as declared",
  ];
}
