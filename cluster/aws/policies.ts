import { clusterArchive, type Incarnation } from "../incarnation.ts";

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
  readonly kind: "member" | "voter";
  readonly cluster: string;
  readonly incarnation: Incarnation;
  readonly bucket: string;
  /** ARNs of its own secrets. */
  readonly secrets: readonly string[];
  /** Its data volume. */
  readonly volume: string;
  /** Whether the agent of Systems Manager runs on it. */
  readonly agent: boolean;
}

/**
 * A machine reads its own secrets and marks its own volume as used. A member writes the archive of this life of its
 * cluster besides; of other clusters and of other lives it sees nothing. The agent of Systems Manager announces its own
 * machine and holds its own sessions, for which AWS knows no resources to name.
 */
export function machinePolicy(rights: MachineRights): PolicyDocument {
  const { kind, cluster, incarnation, bucket, secrets, volume, agent } = rights;
  const folder = lifeOf(cluster, incarnation);
  const arn = `arn:aws:s3:::${bucket}`;
  const mark = `${arn}/${markOf(cluster, incarnation, volume)}`;
  const prefixes = kind === "member" ? [`${folder}*`] : [`${folder}volumes/*`];
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
            Action: [
              "s3:AbortMultipartUpload",
              "s3:DeleteObject",
              "s3:GetObject",
              "s3:ListMultipartUploadParts",
              "s3:PutObject",
            ],
            Resource: [`${arn}/${folder}wal/*`],
          },
        ]),
    ...(agent ? [{ Sid: "Sessions", Effect: "Allow" as const, Action: agentActions, Resource: ["*"] }] : []),
  ]);
}

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
      Resource: [`arn:aws:s3:::${from}`],
    },
    {
      Sid: "From",
      Effect: "Allow",
      Action: ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
      Resource: [`arn:aws:s3:::${from}/*`],
    },
    {
      Sid: "To",
      Effect: "Allow",
      Action: ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"],
      Resource: [`arn:aws:s3:::${to}/*`],
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
