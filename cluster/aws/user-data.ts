import type { Incarnation } from "../incarnation.ts";
import { containerPaths } from "../render/container-paths.ts";
import { asItIs, template } from "../render/template.ts";
import type { MachinePlan } from "./aws-plan.ts";
import type { ContainerOrder } from "./container-order.ts";
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
 * @throws RangeError when it is more than EC2 takes.
 */
export function renderUserData(machine: MachinePlan, order: ContainerOrder, facts: MachineFacts): string {
  const text = userData({
    part: machine.part,
    install: `${library}/install`,
    files: filesOf(machine, order, facts).map((file) => ({ permissions: "0644", ...file })),
  });
  const size = Buffer.byteLength(text);
  if (size > mostUserData) {
    throw new RangeError(`user data of ${machine.part} have ${size} bytes, and EC2 takes ${mostUserData}`);
  }
  return text;
}

interface WrittenFile {
  readonly path: string;
  readonly content: string;
  /** @default readable by everybody */
  readonly permissions?: string;
}

function filesOf(machine: MachinePlan, order: ContainerOrder, facts: MachineFacts): readonly WrittenFile[] {
  const { part } = machine;
  const unit = { part, library, graceSeconds: order.graceSeconds };
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
    { path: `${units}/pulumi-spilo-refresh.service`, content: refreshService(unit) },
    { path: `${units}/pulumi-spilo-refresh.timer`, content: refreshTimer },
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
    s3Url: endpoints.s3 ?? `https://s3.${region}.amazonaws.com`,
  };
}

/** What `run-part` reads. */
function partView(order: ContainerOrder, facts: MachineFacts) {
  const { name, image, command, reload, owner, watchdog } = order;
  return {
    ...{ name, image, command, reload, owner, watchdog },
    arguments: [
      ...order.arguments,
      `--volume=${mountPoint}/data:${order.dataPath}`,
      `--volume=${identityFolder}:${containerPaths.identity}:ro`,
    ],
    files: { folder: identityFolder, secret: facts.filesSecret },
    environment: { secret: facts.environmentSecret, version: facts.environmentVersion },
  };
}

const library = "/usr/local/lib/pulumi-spilo";
const units = "/etc/systemd/system";
const mountPoint = "/var/lib/pulumi-spilo";
/** In memory: what opens something is not written to a disk. */
const identityFolder = "/run/pulumi-spilo/identity";
/** A volume is attached when its machine is there. */
const waitSeconds = 600;

const programs: readonly WrittenFile[] = ["aws-call.sh", "data-volume.sh", "run-part.py", "install.sh"].map(
  (file) => ({
    path: `${library}/${file.replace(/\.\w+$/, "")}`,
    content: asItIs(`aws/${file}`),
    permissions: "0755",
  }),
);

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
const refreshService = template<UnitView>("aws/pulumi-spilo-refresh.service.hbs");
const refreshTimer = asItIs("aws/pulumi-spilo-refresh.timer");
