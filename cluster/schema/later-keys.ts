import { z } from "zod";
import { mapping, oneWordOf, quantity, say, text } from "./schema-fields.ts";

/**
 * Keys that belong to the specification and are not built yet, by path. They are described and checked in form, so that
 * what is written ahead is written right.
 */
export const laterKeys: Readonly<Record<string, z.ZodType>> = {
  aws: mapping({
    region: region()
      .optional()
      .meta({ description: "Region of the cluster", standard: "none: required on aws" }),
    instanceType: text(
      /^[a-z0-9-]+\.[a-z0-9-]+$/,
      "must be an instance type such as m7g.large",
      "Write for example instanceType: m7g.large.",
    )
      .optional()
      .meta({ description: "Size of the members", standard: "m7g.large" }),
    ami: id("ami", "machine image").meta({ description: "Machine image", standard: "Debian 12" }),
    vpc: id("vpc", "VPC").meta({ description: "An existing VPC", standard: "none: one is made" }),
    subnets: z
      .array(id("subnet", "subnet"), say("must be a list of subnets", "Write subnets: [ subnet-0a1b2c3d ]."))
      .optional()
      .meta({
        takes: "a list of subnets",
        description: "Subnets of the VPC",
        standard: "none: they are made",
      }),
    reach: oneWordOf(["direct", "ssm", "bastion"], "Set aws.reach to one of the three.")
      .default("ssm")
      .meta({ description: "How actions reach the members" }),
  }),
  owner: text(
    /^[^\p{Cc}]{1,100}$/u,
    "must be a text of 1 to 100 characters",
    "Write for example owner: team-orders.",
  )
    .optional()
    .meta({ description: "Who a test cluster belongs to", standard: "none" }),
  ttl: quantity("s", "1min", "365d", "Write for example ttl: 2d.")
    .optional()
    .meta({ description: "How long a test cluster lives", standard: "none: for ever" }),
};

function region() {
  return text(
    /^[a-z0-9-]{2,30}$/,
    "must be a region such as eu-central-1",
    "Write for example region: eu-central-1.",
  );
}

function id(kind: string, what: string) {
  return text(
    new RegExp(`^${kind}-[0-9a-f]{8,17}$`),
    `must be the id of a ${what}`,
    `Write for example ${kind}-0a1b2c3d.`,
  ).optional();
}
