import * as pulumi from "@pulumi/pulumi";
import type { Origin } from "../../cluster/index.ts";
import { SpiloCluster, type SpiloClusterArgs } from "../../components/index.ts";
import type { Orders } from "../../components/orders.ts";
import { kinds } from "../../provider/kinds.ts";

/** A resource as it was asked for. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Logical name of the parent; undefined for what stands at the top. */
  readonly parent: string | undefined;
  /** Logical names of what it is told to wait for. */
  readonly after: readonly string[];
  /** Outputs that are kept as secrets, whatever the provider says of them. */
  readonly secretOutputs: readonly string[];
  /** Inputs for which it is replaced, although the provider would update it in place. */
  readonly replaceOnChanges: readonly string[];
  /** Logical name of what it goes with, without being deleted by itself. */
  readonly deletedWith: string | undefined;
  /** Logical name of the provider that it is told to be made by. */
  readonly provider: string | undefined;
  /** Pulumi refuses to delete it. */
  readonly protect: boolean;
  /** It stays where it is when it is deleted. */
  readonly retained: boolean;
}

/** What a program registered, and what came of it. */
export interface Recording {
  readonly resources: readonly Recorded[];
  readonly cluster: SpiloCluster;
}

const secretMark = "4dabf18193072939515e22adb298388d";

/** What stands in the providers' state already. */
export interface World {
  /** Of certificates that are renewed by this run, the logical names. @default none */
  readonly renewed?: (name: string) => boolean;
  /** What every password begins with. @default password */
  readonly secret?: string;
  /** The archive that the cluster has begun from. @default none */
  readonly origin?: Origin;
  /** What the engine says of every image. @default another one for each name */
  readonly imageId?: string;
  /** The stack's name. @default dev */
  readonly stack?: string;
  /** The availability zones in which AWS offers a type of machine. @default everywhere */
  readonly offeredIn?: (instanceType: string) => readonly string[];
  /** What a provider answers in earnest, where it does. @default it is made up for each */
  readonly made?: (resource: pulumi.runtime.MockResourceArgs) => Promise<Made | undefined>;
  /** Addresses of the machines that AWS says run. @default none */
  readonly running?: readonly string[];
  /** Of a machine that was terminated and is made again, the logical name. @default none */
  readonly rebuilt?: string;
}

/** A resource as a provider has made it. */
export interface Made {
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What AWS says when it is asked. */
function said({ token, inputs }: pulumi.runtime.MockCallArgs, world: World): object {
  const { offeredIn = everywhere, running = [] } = world;
  if (token === "aws:ec2/getInstances:getInstances") return { privateIps: [...running] };
  if (token !== "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings") return {};
  return { locations: offeredIn(inputs["filters"][0].values[0]) };
}

const everywhere = () => [..."abcdef"].map((zone) => `eu-central-1${zone}`);

/** What the providers would answer; every password and private key is recognizable. */
function answers(
  { type, name, inputs }: pulumi.runtime.MockResourceArgs,
  { renewed = () => false, secret = "password", imageId, origin }: World,
): Record<string, unknown> {
  switch (type) {
    case "spilo:index:Incarnation":
      return { token: "1a2b3c4d", origin: origin === undefined ? "" : JSON.stringify(origin) };
    case "spilo:index:Password":
      return { value: pulumi.secret(`${secret}-of-${name}`) };
    case "spilo:index:CertificateAuthority":
      return { ...issued(renewed(name) ? `${name}, renewed` : name), former: "" };
    case "spilo:index:Certificate":
      return issued(renewed(name) ? `${name}, renewed` : name);
    case "spilo:index:FirstBackup":
      return { backup: "base_1", objectPrefix: inputs["prefix"], sizeBytes: 1000 };
    case "docker:index/remoteImage:RemoteImage":
      return { imageId: imageId ?? `sha256:${String(inputs["name"])}` };
    default:
      return type.startsWith("aws:") ? onAws(type, name) : {};
  }
}

/** What AWS gives to what it makes. */
function onAws(type: string, name: string): Record<string, unknown> {
  const kind = type.split(":").at(-1) ?? "";
  const id = { arn: `arn:${kind}:${name}` };
  switch (kind) {
    case "LoadBalancer":
      return { ...id, dnsName: `${name}.elb.example`, zoneId: "ZLOADBALANCER" };
    case "SecretVersion":
      return { ...id, versionId: `version-of-${name}` };
    default:
      return { ...id, name };
  }
}

/** In the form of PEM, and worth nothing. */
export function certificateOf(name: string): string {
  const body = Buffer.from(name).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
}

function issued(name: string) {
  const privateKey = `-----BEGIN PRIVATE KEY-----\nprivate-key-of-${name}\n-----END PRIVATE KEY-----\n`;
  const expires = "2027-01-01T00:00:00.000Z";
  return { certificate: certificateOf(name), privateKey: pulumi.secret(privateKey), expires };
}

/** There is nobody to ask. */
export const planned: Orders = {
  members: async ({ members }) => members.map(({ name }) => name),
  proxies: async ({ proxies }) => proxies.map(({ name }) => name),
  leave: async () => undefined,
  reach: async () => undefined,
};

/** Runs a program that declares one cluster, against mocks, to its end. */
export async function record(args: SpiloClusterArgs, world: World = {}): Promise<Recording> {
  // Pulumi keeps a stack trace with each promise, whose frames the tests' runner looks up in source maps: more than half of
  // the time went there.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  try {
    return await recorded(args, world);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function recorded(args: SpiloClusterArgs, world: World): Promise<Recording> {
  const registered: Pick<Recorded, "type" | "name" | "inputs">[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: async (resource) => {
      const { type, name, inputs } = resource;
      registered.push({ type, name, inputs });
      const again = world.rebuilt === name && type.endsWith(":Instance") ? "-again" : "";
      const made = await world.made?.(resource);
      const { id, outputs } = made ?? { id: `${name}-id${again}`, outputs: answers(resource, world) };
      return { id, state: { ...inputs, ...outputs } };
    },
    call: (asked) => said(asked, world),
  };
  const names = new Map<pulumi.Resource, string>();
  const options = new Map<string, pulumi.CustomResourceOptions>();
  const remember: pulumi.ResourceTransformation = ({ resource, name, type, opts }) => {
    names.set(resource, name);
    options.set(`${type} ${name}`, opts);
    return undefined;
  };
  await pulumi.runtime.setMocks(mocks, "pulumi-spilo", world.stack ?? "dev", false);
  const cluster = new SpiloCluster(args.name, { orders: planned, ...args }, { transformations: [remember] });
  await pulumi.runtime.disconnect();
  const resources = registered.map(async (one) => {
    const {
      parent,
      dependsOn,
      additionalSecretOutputs = [],
      replaceOnChanges = [],
      deletedWith,
      provider,
      protect = false,
      retainOnDelete = false,
    } = options.get(`${one.type} ${one.name}`) ?? {};
    return {
      ...one,
      parent: parent === undefined ? undefined : names.get(parent),
      after: (await resourcesIn(dependsOn)).map((other) => names.get(other) ?? "unknown"),
      secretOutputs: additionalSecretOutputs,
      replaceOnChanges,
      deletedWith: deletedWith && names.get(deletedWith),
      provider: provider && names.get(provider),
      protect,
      retained: retainOnDelete,
    };
  });
  return { resources: await Promise.all(resources), cluster };
}

/** An order may only be known when the program runs. */
async function resourcesIn(dependsOn: pulumi.ResourceOptions["dependsOn"]): Promise<pulumi.Resource[]> {
  const found = await known(pulumi.output<unknown>(dependsOn));
  return [found].flat().filter((one) => pulumi.Resource.isInstance(one));
}

/** Inputs without the marks of secrets. */
function plain(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, withoutMarks(value)]));
}

/** Every text in the inputs that is not below a mark of a secret. */
export function openTexts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || secretMark in value) return [];
  return Object.values(value).flatMap(openTexts);
}

function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (typeof value !== "object" || value === null) return value;
  if (secretMark in value && "value" in value) return withoutMarks(value.value);
  return plain({ ...value });
}

/**
 * Names of the resources that an update changes, or that only one of the two programs has. Of a type of our own only what
 * makes an update counts: the rest is looked at when there is one, as where the members are asked.
 */
export function differing(before: readonly Recorded[], after: readonly Recorded[]): string[] {
  const key = ({ type, name }: Recorded) => `${type} ${name}`;
  const old = new Map(before.map((one) => [key(one), whatCounts(one)]));
  const now = new Map(after.map((one) => [key(one), whatCounts(one)]));
  return [...new Set([...old.keys(), ...now.keys()])].filter((one) => old.get(one) !== now.get(one)).sort();
}

function whatCounts({ type, inputs }: Recorded): string {
  const entry = kinds[type];
  if (entry === undefined) return JSON.stringify(inputs);
  // It is an update when passwords are rotated, and else shows what is carried out somewhere else.
  if (type === "spilo:index:Specification") return "";
  const names = [...entry.replacedBy, ...entry.updatedBy];
  return JSON.stringify(Object.entries(plain(inputs)).filter(([name]) => names.includes(name)));
}

/** The plain inputs of every resource of a type, by logical name. */
export function ofType(resources: readonly Recorded[], type: string): Map<string, Record<string, unknown>> {
  return new Map(
    resources.filter((one) => one.type === type).map(({ name, inputs }) => [name, plain(inputs)]),
  );
}

/** What an output comes to. */
export function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
