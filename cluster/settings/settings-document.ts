import { z } from "zod";
import type { DynamicSettings } from "../plan-types.ts";

const parameter = z.union([z.string(), z.number(), z.boolean()]);

const slot = z.object({ type: z.literal("logical"), database: z.string(), plugin: z.string() });

/** Patroni's `/config` as this project writes it, and as a state has it. */
export const settingsDocument: z.ZodType<DynamicSettings> = z.object({
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
