import type { Incarnation } from "../incarnation.ts";
import { containerPaths } from "../render/container-paths.ts";
import { asItIs, template } from "../render/template.ts";
import type { MachinePlan } from "./aws-plan.ts";
import type { ContainerOrder } from "./container-order.ts";
import { s3Endpoint } from "./names.ts";
import { markOf } from "./policies.ts";

/** What is known of a machine when everything that it refers to is there. Nothing of it is a secret. */
export interface MachineFacts {
  readonly cluster: string;
  readonly incarnation: Incarnation;
  readonly region: string;
  readonly bucket: string;
  /** Id of its data volume. */
  readonly volume: string;
  /** The secret with the files of its identity: taken up again whenever it is another. */
  readonly filesSecret: string;
  /** The secret with its environment, and that version of it that the machine is made for. */
  readonly environmentSecret: string;
  readonly environmentVersion: string;
  /** Where AWS is reached. @default where it is for everybody */
  readonly endpoints?: Partial<AwsEndpoints>;
}

interface AwsEndpoints {
  readonly imds: string;
  readonly secrets: string;
  readonly s3: string;
}

/** The most that EC2 takes, before it is encoded. Bytes. */
export const mostUserData = 16_384;

/**
 * The user data of a machine: a cloud-config that finds its volume, installs a container runtime and runs its part.
 *
 * @param pooler what runs beside the part. @default nothing does
 * @throws RangeError when it is more than EC2 takes.
 */
export function renderUserData(
  machine: MachinePlan,
  order: ContainerOrder,
  facts: MachineFacts,
  pooler?: PoolerOrder,
): string {
  const text = userData({
    part: machine.part,
    install: `${library}/install`,
    files: [...filesOf(machine, order, facts, pooler), ...poolerFilesOf(pooler)].map((file) => ({
      permissions: "0644",
      ...file,
    })),
  });
  const size = Buffer.byteLength(text);
  if (size > mostUserData) {
    throw new RangeError(`user data of ${machine.part} have ${size} bytes, and EC2 takes ${mostUserData}`);
  }
  return text;
}

/** A connection pool beside a member. */
export interface PoolerOrder {
  readonly order: ContainerOrder;
  /** The secret with its files: taken up again whenever it is another. */
  readonly filesSecret: string;
}

interface WrittenFile {
  readonly path: string;
  readonly content: string;
  /** @default readable by everybody */
  readonly permissions?: string;
}

function filesOf(
  machine: MachinePlan,
  order: ContainerOrder,
  facts: MachineFacts,
  pooler: PoolerOrder | undefined,
): readonly WrittenFile[] {
  const { part } = machine;
  const unit = { part, library, graceSeconds: order.graceSeconds };
  const refreshed = { ...unit, poolerFile: pooler === undefined ? (false as const) : poolerFile };
  return [
    { path: "/etc/pulumi-spilo/node.env", content: nodeEnv(nodeView(machine, facts)) },
    { path: "/etc/pulumi-spilo/part.json", content: JSON.stringify(partView(order, facts)) },
    ...programs,
    {
      path: `${units}/pulumi-spilo.service`,
      content: service({ ...unit, timeoutSeconds: order.graceSeconds + 30 }),
    },
    {
      path: `${units}/pulumi-spilo-volume.service`,
      content: volumeService({ ...unit, timeoutSeconds: waitSeconds + 300 }),
    },
    { path: `${units}/pulumi-spilo-refresh.service`, content: refreshService(refreshed) },
    { path: `${units}/pulumi-spilo-refresh.timer`, content: refreshTimer },
  ];
}

/** A container of its own, with a folder of its own. */
function poolerFilesOf(pooler: PoolerOrder | undefined): readonly WrittenFile[] {
  if (pooler === undefined) return [];
  const { order, filesSecret } = pooler;
  const { name, graceSeconds } = order;
  const part = { ...programView(order, poolerFolder), files: { folder: poolerFolder, secret: filesSecret } };
  const unit = { pooler: name, file: poolerFile, library, graceSeconds, timeoutSeconds: graceSeconds + 30 };
  return [
    { path: poolerFile, content: JSON.stringify(part) },
    { path: `${units}/pulumi-spilo-pooler.service`, content: poolerService(unit) },
  ];
}

function nodeView({ part, agent }: MachinePlan, facts: MachineFacts): NodeView {
  const { cluster, incarnation, region, bucket, volume, endpoints = {} } = facts;
  return {
    ...{ part, volume, waitSeconds, region, bucket, mount: mountPoint, agent: agent ? "yes" : "no" },
    owner: `${part} of ${cluster}, ${incarnation}`,
    mark: markOf(cluster, incarnation, volume),
    imdsUrl: endpoints.imds ?? "http://169.254.169.254",
    secretsUrl: endpoints.secrets ?? `https://secretsmanager.${region}.amazonaws.com`,
    s3Url: endpoints.s3 ?? s3Endpoint(region),
  };
}

/** What `run-part` reads. */
function partView(order: ContainerOrder, facts: MachineFacts) {
  return {
    ...programView(order, identityFolder),
    files: { folder: identityFolder, secret: facts.filesSecret },
    environment: { secret: facts.environmentSecret, version: facts.environmentVersion },
  };
}

function programView(order: ContainerOrder, filesFolder: string) {
  const { name, image, command, reload, owner, watchdog, dataPath } = order;
  return {
    ...{ name, image, command, reload, owner, watchdog },
    arguments: [
      ...order.arguments,
      ...(dataPath === undefined ? [] : [`--volume=${mountPoint}/data:${dataPath}`]),
      `--volume=${filesFolder}:${containerPaths.identity}:ro`,
    ],
  };
}

const library = "/usr/local/lib/pulumi-spilo";
const units = "/etc/systemd/system";
const mountPoint = "/var/lib/pulumi-spilo";
/** In memory: what opens something is not written to a disk. */
const identityFolder = "/run/pulumi-spilo/identity";
const poolerFolder = "/run/pulumi-spilo/pooler";
const poolerFile = "/etc/pulumi-spilo/pooler.json";
/** A volume is attached when its machine is there. */
const waitSeconds = 600;

const programs: readonly WrittenFile[] = ["aws-call.sh", "data-volume.sh", "run-part.py", "install.sh"].map(
  (file) => ({
    path: `${library}/${file.replace(/\.\w+$/, "")}`,
    content: withoutComments(asItIs(`aws/${file}`)),
    permissions: "0755",
  }),
);

/**
 * Lines that are comments stay behind: EC2 takes little, and a word changed in one must not replace a machine. (Nor is
 * anything packed: another version of the packer would make another machine of the same text.)
 */
function withoutComments(program: string): string {
  return program.replaceAll(/^[ \t]*#(?!!).*\n/gm, "");
}

interface NodeView {
  readonly part: string;
  readonly owner: string;
  readonly volume: string;
  readonly mark: string;
  readonly mount: string;
  readonly waitSeconds: number;
  readonly region: string;
  readonly bucket: string;
  readonly imdsUrl: string;
  readonly secretsUrl: string;
  readonly s3Url: string;
  /** Whether the agent of Systems Manager is to run. */
  readonly agent: "yes" | "no";
}

interface UnitView {
  readonly part: string;
  readonly library: string;
}

const userData = template<{
  readonly part: string;
  readonly install: string;
  readonly files: readonly Required<WrittenFile>[];
}>("aws/user-data.yml.hbs");
const nodeEnv = template<NodeView>("aws/node.env.hbs");
const service = template<UnitView & { readonly graceSeconds: number; readonly timeoutSeconds: number }>(
  "aws/pulumi-spilo.service.hbs",
);
const volumeService = template<UnitView & { readonly timeoutSeconds: number }>(
  "aws/pulumi-spilo-volume.service.hbs",
);
const refreshService = template<UnitView & { readonly poolerFile: string | false }>(
  "aws/pulumi-spilo-refresh.service.hbs",
);
const refreshTimer = asItIs("aws/pulumi-spilo-refresh.timer");
const poolerService = template<
  Omit<UnitView, "part"> & {
    readonly pooler: string;
    readonly file: string;
    readonly graceSeconds: number;
    readonly timeoutSeconds: number;
  }
>("aws/pulumi-spilo-pooler.service.hbs");
