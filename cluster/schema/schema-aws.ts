import { z } from "zod";
import { mapping, oneWordOf, say, text, wholeNumber, yesOrNo } from "./schema-fields.ts";

const cidr = () =>
  text(
    /^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)\/(3[0-2]|[12]?\d)$/,
    "must be a network of the form a.b.c.d/n",
    "Write for example 10.1.0.0/24.",
  );

/** Where and of what machines a cluster on AWS is made. */
export const aws = mapping({
  region: region()
    .optional()
    .meta({ description: "Region of the cluster", standard: "none: required on aws" }),
  instanceType: instanceType("m7g.large").default("m7g.large").meta({ description: "Size of the members" }),
  voterType: instanceType("t4g.small").optional().meta({
    description: "Size of the voters, each of which is a machine of its own",
    standard: "t4g.small; t3.small where instanceType is not of ARM",
  }),
  ami: id("ami", "machine image").optional().meta({
    description: "Machine image: a Debian one, or one with Docker and cloud-init in it",
    standard: "none: required on aws",
  }),
  vpc: id("vpc", "VPC").optional().meta({ description: "An existing VPC", standard: "none: one is made" }),
  subnets: z
    .array(
      mapping({
        id: id("subnet", "subnet").meta({ description: "The subnet" }),
        cidr: cidr().meta({
          description:
            "Its network: members have .11 to .19 of it, voters .21 to .25, read replicas the rest up to .30",
        }),
      }),
      say(
        "must be a list of subnets",
        "Write subnets: [ { id: subnet-0a1b2c3d, cidr: 10.1.0.0/24 } ], one for each zone.",
      ),
    )
    .optional()
    .meta({
      takes: "a list of subnets",
      description: "Subnets of the existing VPC, one for each of placement.zones and in their order",
      standard: "none: they are made",
    }),
  clients: z
    .array(cidr(), say("must be a list of networks", "Write clients: [ 10.0.0.0/8 ]."))
    .optional()
    .meta({
      takes: "a list of networks",
      description: "Who may connect to the endpoint",
      standard: "network.subnet; required with aws.vpc",
    }),
  operators: z
    .array(cidr(), say("must be a list of networks", "Write operators: [ 10.0.0.0/24 ]."))
    .optional()
    .meta({
      takes: "a list of networks",
      description: "From where Pulumi and spiloctl reach members and voters",
      standard: "network.subnet, nobody with reach: ssm to the machines; required with aws.vpc",
    }),
  keyPair: text(
    /^[\x21-\x7e]{1,255}$/,
    "must be the name of a key pair",
    "Write for example keyPair: operators.",
  )
    .optional()
    .meta({
      description: "The key pair that actions log in to the machines with",
      standard: "required on aws",
    }),
  dns: mapping({
    zoneId: text(
      /^Z[A-Z0-9]{5,31}$/,
      "must be the id of a hosted zone",
      "Write for example zoneId: Z0ABCDEF.",
    ).meta({ description: "A hosted zone of Route 53" }),
    name: text(
      /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
      "must be a DNS name in lower case, such as orders.example.org",
      "Write for example name: orders.example.org.",
    ).meta({ description: "The endpoint's name in it" }),
  })
    .optional()
    .meta({
      description: "The endpoint's name",
      standard: "db.<name>.internal, in a private zone that is made",
    }),
  replica: mapping({
    region: region().meta({ description: "Region that the bucket is replicated to" }),
    bucket: text(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      "must be a bucket name: 3 to 63 characters of a-z 0-9 . -",
      "Write for example bucket: orders-wal-2.",
    ).meta({ description: "The bucket there, which is made" }),
  })
    .optional()
    .meta({ description: "A second region", standard: "none" }),
  reach: oneWordOf(["direct", "bastion", "ssm"], "Set aws.reach to direct, bastion or ssm.")
    .default("direct")
    .meta({
      description:
        "How Pulumi and spiloctl reach the machines: from inside the VPC, by a bastion, or by a session of Systems Manager",
    }),
  bastion: mapping({
    host: text(
      /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/,
      "must be a name or an address, or an alias of ssh's configuration",
      "Write for example host: bastion.example.org.",
    ).meta({ description: "Where ssh logs in" }),
    user: loginName("ops").default("admin").meta({ description: "As whom" }),
    port: wholeNumber(1, 65_535, "Write for example port: 22.")
      .default(22)
      .meta({ description: "At which port" }),
  })
    .optional()
    .meta({ description: "A machine that reaches the members", standard: "required with reach: bastion" }),
  ssm: mapping({
    instance: id("i", "machine").optional().meta({
      description: "A machine that reaches the members, and has the agent of Systems Manager",
      standard: "one of the cluster's own, a voter first",
    }),
    user: loginName("ec2-user").default("admin").meta({ description: "As whom ssh logs in there" }),
  })
    .optional()
    .meta({ description: "Of reach: ssm", standard: "the cluster's own machines" }),
  ssmAgent: yesOrNo("Set aws.ssmAgent to true or false, or remove it.").optional().meta({
    description: "Whether the machines have the agent of Systems Manager, and the rights that it needs",
    standard: "true with reach: ssm to them, otherwise false",
  }),
});

function region() {
  return text(
    /^[a-z]{2}(-[a-z]+)+-\d$/,
    "must be a region such as eu-central-1",
    "Write for example region: eu-central-1.",
  );
}

function loginName(example: string) {
  return text(
    /^[a-z_][a-z0-9_-]{0,31}$/,
    "must be the name of a user over there",
    `Write for example user: ${example}.`,
  );
}

export function instanceType(example: string) {
  return text(
    /^[a-z0-9-]+\.[a-z0-9-]+$/,
    `must be an instance type such as ${example}`,
    `Write for example ${example}.`,
  );
}

function id(kind: string, what: string) {
  return text(
    new RegExp(`^${kind}-[0-9a-f]{8,17}$`),
    `must be the id of a ${what}`,
    `Write for example ${kind}-0a1b2c3d.`,
  );
}
