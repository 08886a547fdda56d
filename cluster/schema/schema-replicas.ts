import { z } from "zod";
import { mostReplicas, replicaPlaces } from "../placement/replica-places.ts";
import { instanceType } from "./schema-aws.ts";
import { mapping, quantity, say, text, wholeNumber } from "./schema-fields.ts";

const processors = say("must be a number from 0.1 to 512", "Write for example cpus: 2.");

const replica = mapping({
  name: text(
    /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/,
    "must be 1 to 20 characters of a-z 0-9 -, beginning with a letter and not ending with -",
    "Write for example name: reports.",
  ).meta({ description: "Names the replica" }),
  zone: text(
    /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/,
    "must be the name of a zone",
    "Write the name of one of placement.zones, or remove the key for the first that holds data.",
  )
    .optional()
    .meta({ description: "Where it stands", standard: "the first zone that holds data" }),
  memory: quantity("MB", "256MB", "16TB", "Write for example memory: 2GB.").optional().meta({
    description: "Its memory limit; shared_buffers is a quarter of it",
    standard: "resources.memory",
  }),
  cpus: z.number(processors).min(0.1, processors).max(512, processors).optional().meta({
    takes: "a number from 0.1 to 512",
    description: "Its processors; a fraction is allowed",
    standard: "resources.cpus",
  }),
  instanceType: instanceType("m7g.xlarge").optional().meta({
    description: "On AWS, the type of its machine",
    standard: "aws.instanceType",
  }),
  applyDelay: quantity("s", "1s", "24d", "Write for example applyDelay: 1h.").optional().meta({
    description: "How long after its commit a change shows up there; such a replica takes no common readers",
    standard: "none",
  }),
  upstream: text(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be the name of a replica, or of a member without its zone",
    "Write for example upstream: orders-2, or remove the key for the leader.",
  )
    .optional()
    .meta({
      description: "What it streams from: another replica, or a member such as orders-2",
      standard: "the leader",
    }),
  place: wholeNumber(1, replicaPlaces, `Write a number from 1 to ${replicaPlaces}, or remove the key.`)
    .optional()
    .meta({
      description: "Which of the addresses that are kept for replicas it has",
      standard: "from its name, by a stable hash",
    }),
});

const list = say(
  `must be a list of ${mostReplicas} replicas at most`,
  "Write for example replicas: [ { name: reports } ], or remove the key.",
);

/** Servers that follow and never lead. */
export const replicas = z
  .array(replica, list)
  .max(mostReplicas, list)
  .default([])
  .meta({ takes: `a list of ${mostReplicas} at most`, description: "Read replicas, which never lead" });
