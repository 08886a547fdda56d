import { clusterArchive, type Incarnation } from "../incarnation.ts";
import type { ArchivedCluster } from "../render/render-origin.ts";

/** IAM's form of who may do what. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Principal?: { readonly Service: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Who may take a role: machines, or S3 when it replicates. */
export function assumedBy(service: "ec2" | "s3"): PolicyDocument {
  const Principal = { Service: `${service}.amazonaws.com` };
  return document([{ Sid: "Assume", Effect: "Allow", Action: ["sts:AssumeRole"], Principal }]);
}

/** What a machine may do. */
export interface MachineRights {
  readonly kind: "member" | "replica" | "voter";
  readonly cluster: string;
  readonly incarnation: Incarnation;
  readonly bucket: string;
  /** ARNs of its own secrets. */
  readonly secrets: readonly string[];
  /** Its data volume. */
  readonly volume: string;
  /** A life of another cluster whose archive a member reads. @default none */
  readonly origin?: Pick<ArchivedCluster, "bucket" | "cluster" | "incarnation"> | undefined;
  /** Whether the agent of Systems Manager runs on it. */
  readonly agent: boolean;
}

/**
 * A machine reads its own secrets and marks its own volume as used. A member writes the archive of this life of its
 * cluster besides, and may read the one that this began from; a read replica reads both. Of other clusters and of other
 * lives they see nothing. The agent of Systems Manager announces its own machine and holds its own sessions, for which AWS
 * knows no resources to name.
 */
export function machinePolicy(rights: MachineRights): PolicyDocument {
  const { kind, cluster, incarnation, bucket, secrets, volume, origin, agent } = rights;
  const folder = lifeOf(cluster, incarnation);
  const arn = arnOf(bucket);
  const mark = `${arn}/${markOf(cluster, incarnation, volume)}`;
  const prefixes = kind === "voter" ? [`${folder}volumes/*`] : [`${folder}*`];
  return document([
    { Sid: "Secrets", Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: secrets },
    { Sid: "Mark", Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: [mark] },
    {
      // Without it, an object that is not there is one that may not be seen.
      Sid: "List",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [arn],
      Condition: { StringLike: { "s3:prefix": prefixes } },
    },
    ...(kind === "voter"
      ? []
      : [
          {
            Sid: "Archive",
            Effect: "Allow" as const,
            Action: onArchive[kind],
            Resource: [`${arn}/${folder}wal/*`],
          },
          ...(origin === undefined ? [] : readingOf(origin)),
        ]),
    ...(agent ? [{ Sid: "Sessions", Effect: "Allow" as const, Action: agentActions, Resource: ["*"] }] : []),
  ]);
}

/** One life of another cluster, to read alone. Whoever owns its bucket may have to allow it as well. */
function readingOf(origin: NonNullable<MachineRights["origin"]>): readonly Statement[] {
  const [arn, folder] = [arnOf(origin.bucket), `${lifeOf(origin.cluster, origin.incarnation)}wal/*`];
  return [
    { Sid: "Origin", Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${arn}/${folder}`] },
    {
      Sid: "OriginList",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [arn],
      Condition: { StringLike: { "s3:prefix": [folder] } },
    },
  ];
}

function arnOf(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

/** What leads, or may, archives and forgets. */
const onArchive = {
  member: [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
  ],
  replica: ["s3:GetObject"],
} as const;

/** What of AmazonSSMManagedInstanceCore sessions take: https://docs.aws.amazon.com/systems-manager/latest/userguide. */
const agentActions = [
  "ssm:UpdateInstanceInformation",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
] as const;

/** What S3 may do to keep the second bucket in step. */
export function replicationPolicy(from: string, to: string): PolicyDocument {
  return document([
    {
      Sid: "Configuration",
      Effect: "Allow",
      Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
      Resource: [arnOf(from)],
    },
    {
      Sid: "From",
      Effect: "Allow",
      Action: ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
      Resource: [`${arnOf(from)}/*`],
    },
    {
      Sid: "To",
      Effect: "Allow",
      Action: ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"],
      Resource: [`${arnOf(to)}/*`],
    },
  ]);
}

/** The object that says that a volume has been formatted once, and never is again. */
export function markOf(cluster: string, incarnation: Incarnation, volume: string): string {
  return `${lifeOf(cluster, incarnation)}volumes/${volume}`;
}

function lifeOf(cluster: string, incarnation: Incarnation): string {
  return `${clusterArchive(cluster)}${incarnation}/`;
}

function document(Statement: readonly Statement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement };
}
