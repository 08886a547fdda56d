import { isArm } from "../aws/processor.ts";
import { sessionsLeadToMachines } from "../aws/reach.ts";
import { ownEngine } from "../placement/engine-address.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

type Zones = ClusterSpec["placement"]["zones"];

const zones = "placement.zones";

/** What only AWS wants, what it cannot do, and what is not built there. */
export const awsRules: readonly Rule[] = [
  { reads: ["aws", "platform"], on: "docker", check: awsIsForAws },
  { reads: ["aws"], on: "aws", check: requiredIsThere },
  { reads: [zones], on: "aws", check: zonesAreAvailabilityZones },
  { reads: [zones], on: "aws", check: zonesHaveNoEngines },
  { reads: ["aws", zones], on: "aws", check: subnetsFitZones },
  { reads: ["aws"], on: "aws", check: networksAreKnown },
  { reads: ["replicas"], on: "docker", check: replicasAreNoMachines },
  { reads: ["aws"], on: "aws", check: reachIsWhole },
  { reads: ["aws.instanceType", "aws.voterType"], on: "aws", check: machinesAreOfOneKind },
  { reads: ["aws.instanceType", "replicas"], on: "aws", check: replicasAreOfTheSame },
  { reads: ["aws.replica"], on: "aws", check: replicaIsElsewhere },
  { reads: ["endpoint.vip"], on: "aws", check: noAddressMoves },
  { reads: ["endpoint.pooled", "endpoint.ports.pooled"], on: "aws", check: poolHasPort },
  { reads: ["resources.volume"], on: "aws", check: volumeHasSize },
  {
    reads: ["backup", "rotation"],
    on: "aws",
    check: notBuiltThere,
  },
];

function awsIsForAws({ aws }: ClusterSpec): readonly SpecIssue[] {
  if (aws === undefined) return [];
  const message = "is of no use while platform is docker";
  return [{ path: "aws", message, remedy: "Set platform to aws, or remove the key." }];
}

function requiredIsThere({ aws }: ClusterSpec): readonly SpecIssue[] {
  const missing = (key: string, remedy: string): SpecIssue => {
    return { path: `aws.${key}`, message: "missing: platform is aws", remedy };
  };
  return [
    ...(aws?.region === undefined ? [missing("region", "Write for example region: eu-central-1.")] : []),
    // Looked up by us, it would be another one some day, and every machine would be replaced.
    ...(aws?.ami === undefined
      ? [missing("ami", "Write the id of an image; docs/aws.md says how to find one.")]
      : []),
    ...(aws?.keyPair === undefined ? [missing("keyPair", "Write for example keyPair: operators.")] : []),
  ];
}

/** A zone is known by the letter that follows the region's name. */
function zonesAreAvailabilityZones({ placement }: ClusterSpec): readonly SpecIssue[] {
  return placement.zones.flatMap(({ name }, index) => {
    const path = `${zones}[${index}].name`;
    if (!/^[a-h]$/.test(name)) {
      const message =
        "is no availability zone: on AWS a zone is a letter from a to h, which follows the region";
      return [{ path, value: name, message, remedy: "Write for example zones: [ { name: a } ]." }];
    }
    const first = placement.zones.findIndex((other) => other.name === name);
    if (first === index) return [];
    const message = `is that of ${zones}[${first}] as well`;
    return [{ path, value: name, message, remedy: "Give each zone its own." }];
  });
}

function zonesHaveNoEngines({ placement }: ClusterSpec): readonly SpecIssue[] {
  return placement.zones.flatMap((zone, index) =>
    engineKeys(zone).map((key) => ({
      path: `${zones}[${index}].${key}`,
      value: zone[key],
      message: "is of no use on AWS, where the machines of a zone are made",
      remedy: "Remove it.",
    })),
  );
}

function engineKeys({ host, certificates, address }: Zones[number]) {
  return [
    ...(host === ownEngine ? [] : (["host"] as const)),
    ...(certificates === undefined ? [] : (["certificates"] as const)),
    ...(address === undefined ? [] : (["address"] as const)),
  ];
}

/** Of a made network each zone has a part, and there are four of these. */
const mostMadeZones = 4;

function subnetsFitZones({ aws, placement }: ClusterSpec): readonly SpecIssue[] {
  const count = placement.zones.length;
  if (aws?.vpc === undefined) {
    if (aws?.subnets !== undefined) {
      const message = "are subnets of a VPC that is not named";
      return [{ path: "aws.subnets", message, remedy: "Set aws.vpc, or remove them." }];
    }
    if (count <= mostMadeZones) return [];
    const message = `lists ${count} zones, and a network that is made has room for ${mostMadeZones}`;
    return [{ path: zones, message, remedy: "Leave some out, or set aws.vpc and aws.subnets." }];
  }
  const given = aws.subnets?.length ?? 0;
  if (given !== count) {
    const message = `lists ${given} subnets for ${count} zones`;
    return [{ path: "aws.subnets", message, remedy: `Write ${count} of them, in the order of ${zones}.` }];
  }
  return (aws.subnets ?? []).flatMap(({ cidr }, index) => {
    if (Number(cidr.split("/")[1]) <= 27) return [];
    const message =
      "has no room: members have .11 to .19 of it, voters .21 to .25, and read replicas the rest up to .30";
    const path = `aws.subnets[${index}].cidr`;
    return [{ path, value: cidr, message, remedy: "Choose a subnet of /27 or larger." }];
  });
}

/** Nobody looks up what network a VPC has. */
function networksAreKnown(spec: ClusterSpec): readonly SpecIssue[] {
  const { aws } = spec;
  if (aws?.vpc === undefined) return [];
  return (["clients", "operators"] as const)
    .filter((key) => aws[key] === undefined && !(key === "operators" && sessionsLeadToMachines(spec)))
    .map((key) => ({
      path: `aws.${key}`,
      message: "missing: aws.vpc is set, and who is let in is not known",
      remedy: `Write for example ${key}: [ 10.1.0.0/16 ].`,
    }));
}

function reachIsWhole(spec: ClusterSpec): readonly SpecIssue[] {
  const { reach, bastion, ssm, ssmAgent } = spec.aws ?? {};
  const issue = (path: string, message: string, remedy: string): SpecIssue => ({ path, message, remedy });
  const unused = (key: "bastion" | "ssm", needs: string) => {
    const message = `is of no use while aws.reach is ${reach}`;
    return issue(`aws.${key}`, message, `Set aws.reach to ${needs}, or remove it.`);
  };
  return [
    ...(reach === "bastion" && bastion === undefined
      ? [
          issue(
            "aws.bastion",
            "missing: aws.reach is bastion",
            "Write for example bastion: { host: bastion.example.org }.",
          ),
        ]
      : []),
    ...(reach !== "bastion" && bastion !== undefined ? [unused("bastion", "bastion")] : []),
    ...(reach !== "ssm" && ssm !== undefined ? [unused("ssm", "ssm")] : []),
    ...(ssmAgent === false && sessionsLeadToMachines(spec)
      ? [
          issue(
            "aws.ssmAgent",
            "is off, and aws.reach is ssm: without it no session leads to a machine",
            "Remove it, or name a machine of your own as aws.ssm.instance.",
          ),
        ]
      : []),
  ];
}

function replicasAreNoMachines({ replicas }: ClusterSpec): readonly SpecIssue[] {
  return replicas.flatMap(({ instanceType: value }, index) => {
    if (value === undefined) return [];
    const message = "is of no use while platform is docker";
    return [
      {
        path: `replicas[${index}].instanceType`,
        value,
        message,
        remedy: "Remove it: memory and cpus count.",
      },
    ];
  });
}

/** One image serves all, and it is made for one kind of processor. */
function machinesAreOfOneKind({ aws }: ClusterSpec): readonly SpecIssue[] {
  if (aws?.voterType === undefined || isArm(aws.voterType) === isArm(aws.instanceType)) return [];
  const message = `has another kind of processor than aws.instanceType, ${aws.instanceType}, and one image serves both`;
  const remedy = `Set it to ${isArm(aws.instanceType) ? "t4g.small" : "t3.small"}, or remove it.`;
  return [{ path: "aws.voterType", value: aws.voterType, message, remedy }];
}

function replicasAreOfTheSame({ aws, replicas }: ClusterSpec): readonly SpecIssue[] {
  return replicas.flatMap(({ instanceType: value }, index) => {
    if (aws === undefined || value === undefined || isArm(value) === isArm(aws.instanceType)) return [];
    const message = `has another kind of processor than aws.instanceType, ${aws.instanceType}, and one image serves both`;
    const remedy = `Choose one of the same kind, such as ${aws.instanceType}, or remove it.`;
    return [{ path: `replicas[${index}].instanceType`, value, message, remedy }];
  });
}

function replicaIsElsewhere({ aws, backup }: ClusterSpec): readonly SpecIssue[] {
  const { replica } = aws ?? {};
  if (replica === undefined) return [];
  const issue = (key: "region" | "bucket", message: string, remedy: string) => {
    return [{ path: `aws.replica.${key}`, value: replica[key], message, remedy }];
  };
  if (replica.region === aws?.region) {
    return issue("region", "is the cluster's own region", "Choose another one, or remove aws.replica.");
  }
  if (replica.bucket !== backup.bucket) return [];
  return issue(
    "bucket",
    "is backup.bucket, and a name is one bucket's in all regions",
    "Choose another one.",
  );
}

/** An address moves by ARP, which a VPC does not have. */
function noAddressMoves({ endpoint: { vip } }: ClusterSpec): readonly SpecIssue[] {
  if (vip === undefined) return [];
  const message = "no address moves between machines of a VPC: a load balancer has the endpoint";
  return [{ path: "endpoint.vip", value: vip, message, remedy: "Remove it." }];
}

/** The pool is on the members' machines, whose network is that of the containers. */
function poolHasPort({ endpoint: { pooled, ports } }: ClusterSpec): readonly SpecIssue[] {
  const taken: Readonly<Record<number, string>> = {
    22: "ssh",
    5432: "PostgreSQL",
    8008: "Patroni",
    8080: "the page on activity",
  };
  const other = taken[ports.pooled];
  if (!pooled || other === undefined) return [];
  const message = `is that of ${other} on a member's machine, where the pool is`;
  return [
    {
      path: "endpoint.ports.pooled",
      value: ports.pooled,
      message,
      remedy: "Choose another one, such as 6432.",
    },
  ];
}

function volumeHasSize({ resources: { volume } }: ClusterSpec): readonly SpecIssue[] {
  if (volume !== undefined) return [];
  const message = "missing: on AWS a volume is made as large as it says";
  return [{ path: "resources.volume", message, remedy: "Write for example volume: 100GB." }];
}

function notBuiltThere(spec: ClusterSpec): readonly SpecIssue[] {
  const { backup, rotation } = spec;
  const later = (path: string, remedy: string) => ({ path, message: "not yet available on AWS", remedy });
  return [
    ...(backup.endpoint === undefined
      ? []
      : [later("backup.endpoint", "Remove it: the bucket is one of S3.")]),
    ...(backup.second === undefined
      ? []
      : [later("backup.second", "Remove it: aws.replica has S3 copy the bucket.")]),
    ...(rotation.authority === 1 ? [] : [later("rotation.authority", "Remove it.")]),
  ];
}
