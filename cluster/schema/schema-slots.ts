import { z } from "zod";
import { mapping, say, text } from "./schema-fields.ts";

/** As PostgreSQL takes it. */
const slotName = () =>
  text(
    /^[a-z0-9_]{1,63}$/,
    "must be a slot's name: 1 to 63 characters of a-z 0-9 _",
    "Write for example cdc_orders.",
  );

/** Slots that the cluster makes, and that follow the leader. */
export const logicalSlots = z
  .array(
    mapping({
      name: slotName().meta({ description: "Name of the slot" }),
      database: text(
        /^[a-z_][a-z0-9_-]{0,62}$/,
        "must be a database's name: 1 to 63 characters of a-z 0-9 _ -",
        "Write for example database: orders.",
      ).meta({ description: "Database whose changes it holds; the slot is made once that exists" }),
      plugin: text(
        /^[a-z_][a-z0-9_]{0,62}$/,
        "must be the name of an output plugin: a-z 0-9 _",
        "Write plugin: pgoutput, or remove the key.",
      )
        .default("pgoutput")
        .meta({ description: "Output plugin; the image has to have it" }),
    }),
    say("must be a list of slots", "Write logicalSlots: [ { name: cdc, database: orders } ]."),
  )
  .default([])
  .meta({
    takes: "a list of slots",
    description: "Logical replication slots that outlive a switchover and a failover",
  });

/** Slots of somebody else's. */
export const keptSlots = z
  .array(slotName(), say("must be a list of names of slots", "Write for example keptSlots: [ debezium ]."))
  .default([])
  .meta({
    takes: "a list of names of slots",
    description: "Slots made by hand that are left alone; any other that is idle is dropped",
  });
