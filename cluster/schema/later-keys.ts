import { z } from "zod";
import { mapping, quantity, say, text } from "./schema-fields.ts";

/**
 * Keys that belong to the specification and are not built yet, by path. They are described and checked in form, so that
 * what is written ahead is written right.
 */
export const laterKeys: Readonly<Record<string, z.ZodType>> = {
  "backup.second": mapping({
    bucket: bucketName()
      .optional()
      .meta({ description: "A second bucket, kept in step", standard: "from backup.bucket" }),
    region: region()
      .optional()
      .meta({ description: "Region of the second bucket", standard: "none: required" }),
  }),
  logicalSlots: z
    .array(
      mapping({
        name: word("a slot's name").meta({ description: "Name of the slot" }),
        database: word("a database's name").meta({ description: "Database that it decodes" }),
        plugin: word("an output plugin").default("pgoutput").meta({ description: "Output plugin" }),
      }),
      say("must be a list of slots", "Write logicalSlots: [ { name: cdc, database: orders } ]."),
    )
    .default([])
    .meta({ takes: "a list", description: "Logical replication slots that outlive a failover" }),
  owner: text(
    /^[^\p{Cc}]{1,100}$/u,
    "must be a text of 1 to 100 characters",
    "Write for example owner: team-orders.",
  )
    .optional()
    .meta({ description: "Who a test cluster belongs to", standard: "none" }),
  replicas: z
    .array(
      mapping({
        name: word("a replica's name").meta({ description: "Names the replica" }),
        zone: word("a zone's name")
          .optional()
          .meta({ description: "Where it stands", standard: "the first zone" }),
        memory: quantity("MB", "256MB", "16TB", "Write for example memory: 2GB.")
          .optional()
          .meta({ description: "Memory limit", standard: "resources.memory" }),
        applyDelay: quantity("s", "1s", "30d", "Write for example applyDelay: 1h.")
          .optional()
          .meta({ description: "How far it stays behind", standard: "none" }),
        upstream: word("a member or replica")
          .optional()
          .meta({ description: "What it follows", standard: "the leader" }),
      }),
      say("must be a list of replicas", "Write replicas: [ { name: reports } ]."),
    )
    .default([])
    .meta({ takes: "a list", description: "Read replicas, which never lead" }),
  standbyOf: mapping({
    cluster: word("a cluster's name").meta({ description: "What it follows" }),
    host: text(
      /^[A-Za-z0-9.-]+(:\d{1,5})?$/,
      "must be host or host:port",
      "Write for example host: 10.1.0.10:5000.",
    )
      .optional()
      .meta({ description: "Where it streams from", standard: "none: from the archive" }),
  }),
  ttl: quantity("s", "1min", "365d", "Write for example ttl: 2d.")
    .optional()
    .meta({ description: "How long a test cluster lives", standard: "none: for ever" }),
};

function word(what: string) {
  return text(
    /^[a-z_][a-z0-9_-]{0,62}$|^[a-z0-9][a-z0-9-]{0,39}$/,
    `must be ${what}: a–z 0–9 - _`,
    "Write it in lower case.",
  );
}

function region() {
  return text(
    /^[a-z0-9-]{2,30}$/,
    "must be a region such as eu-central-1",
    "Write for example region: eu-central-1.",
  );
}

function bucketName() {
  return text(
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    "must be a bucket name: 3 to 63 characters of a-z 0-9 . -",
    "Write for example bucket: orders-wal-2.",
  );
}
