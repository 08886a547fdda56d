import { quantity, text } from "./schema-fields.ts";

/** What is told of a cluster that is made for a while. It is in a marker beside the cluster, and in no part of it. */

export const ttl = quantity("s", "1min", "365d", "Write for example ttl: 2d.").optional().meta({
  description: "How long a test cluster lives after its last `pulumi up`, until `spiloctl sweep` may take it",
  standard: "none: for ever",
});

export const owner = text(
  /^[^\p{Cc}]{1,100}$/u,
  "must be a text of 1 to 100 characters",
  "Write for example owner: team-orders.",
)
  .optional()
  .meta({ description: "Whose a cluster is, for `spiloctl sweep` to tell", standard: "none" });
