import { createHash, randomBytes } from "node:crypto";
import type { ClusterAccess } from "../../actions/access.ts";
import type { ClusterSpecInput, ImageNames } from "../../cluster/index.ts";
import type { Credentials } from "../../components/cluster-outputs.ts";
import { kinds } from "../../provider/kinds.ts";
import { plain } from "../../provider/wire.ts";
import { types } from "../stack/aws-references.ts";
import { known, type Made, ofType, type Recorded, record, type World } from "../stack/recorder.ts";
import { onAws } from "../unit/aws-specifications.ts";

/** A machine as the component asks AWS for it, with what it will find there. */
export interface PlannedMachine {
  readonly part: string;
  readonly address: string;
  /** As AWS would be given it. */
  readonly userData: string;
  /** Id of its data volume. */
  readonly volume: string;
  readonly keyPair: string;
}

/** A secret as Secrets Manager has it. */
export interface PlannedSecret {
  readonly arn: string;
  readonly version: string;
  readonly text: string;
}

/** A cluster on AWS as the component makes it, up to where its machines would start. */
export interface PlannedCluster {
  readonly members: readonly PlannedMachine[];
  readonly voters: readonly PlannedMachine[];
  readonly secrets: readonly PlannedSecret[];
  readonly bucket: string;
  readonly region: string;
  readonly access: ClusterAccess;
  readonly credentials: Credentials;
  /** Does what the provider does for every resource of a type of ours, in earnest. */
  carryOut(type: string, change?: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Types whose resources have to be real for a machine to work by them. */
const real = ["Password", "CertificateAuthority", "Certificate"].map((kind) => `spilo:index:${kind}`);

/**
 * Runs the component as a program does. Passwords and certificates are made by the project's own provider, and what
 * AWS gives is as AWS gives it.
 */
export async function planOnAws(
  zones: string,
  images: ImageNames,
  change: Partial<ClusterSpecInput>,
): Promise<PlannedCluster> {
  const specification = onAws(zones, change);
  const { resources, cluster } = await record({ ...specification, images }, { made });
  const credentials = await known(cluster.credentials);
  const machines = machinesIn(resources);
  const isVoter = ({ part }: PlannedMachine) => part.includes("-etcd-");
  const [bucket] = ofType(resources, types.bucket).values();
  return {
    members: machines.filter((machine) => !isVoter(machine)),
    voters: machines.filter(isVoter),
    secrets: secretsIn(resources),
    bucket: String(bucket?.["bucket"]),
    region: specification.aws?.region ?? "",
    access: credentials.access,
    credentials,
    carryOut: async (type, change = {}) => {
      for (const one of resources.filter((resource) => resource.type === type)) {
        await carryOut(one.type, { ...plain(one.inputs), ...change });
      }
    },
  };
}

async function carryOut(type: string, inputs: Readonly<Record<string, unknown>>): Promise<Made> {
  const kind = await kinds[type]?.load();
  if (kind === undefined) throw new Error(`there is no ${type}`);
  const { signal } = new AbortController();
  return await kind.create(inputs, { report: () => undefined, signal });
}

type Asked = Parameters<NonNullable<World["made"]>>[0];

async function made({ type, name, inputs }: Asked): Promise<Made | undefined> {
  if (real.includes(type)) return await carryOut(type, plain(inputs));
  const id = randomBytes(8).toString("hex");
  switch (type) {
    case types.volume:
      return { id: `vol-0${id}`, outputs: {} };
    case types.secret:
      return { id: arnOf(inputs["name"], id), outputs: { arn: arnOf(inputs["name"], id) } };
    case types.version:
      return { id: name, outputs: { versionId: versionOf(name) } };
    default:
      return undefined;
  }
}

function machinesIn(resources: readonly Recorded[]): readonly PlannedMachine[] {
  const interfaces = ofType(resources, types.interface);
  const attachments = ofType(resources, types.attachment);
  return [...ofType(resources, types.instance)].map(([part, { userData, keyName }]) => ({
    part,
    address: String([interfaces.get(part)?.["privateIps"]].flat()[0]),
    userData: String(userData),
    volume: String(attachments.get(part)?.["volumeId"]),
    keyPair: String(keyName),
  }));
}

function secretsIn(resources: readonly Recorded[]): readonly PlannedSecret[] {
  return [...ofType(resources, types.version)].map(([name, { secretId, secretString }]) => ({
    ...{ arn: String(secretId), version: versionOf(name), text: String(secretString) },
  }));
}

/** In the form that Secrets Manager gives it. */
function versionOf(name: string): string {
  const hash = createHash("sha256").update(name).digest("hex");
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    hash.slice(12, 16),
    hash.slice(16, 20),
    hash.slice(20, 32),
  ].join("-");
}

function arnOf(name: unknown, id: string): string {
  return `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${String(name)}-${id.slice(0, 6)}`;
}
