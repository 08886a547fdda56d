import * as pulumi from "@pulumi/pulumi";
import { SpiloCluster, type SpiloClusterArgs } from "../../components/index.ts";

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
  /** What the engine says of every image. @default another one for each name */
  readonly imageId?: string;
}

/** What the providers would answer; every password and private key is recognizable. */
function answers(
  { type, name, inputs }: pulumi.runtime.MockResourceArgs,
  { renewed = () => false, secret = "password", imageId }: World,
): Record<string, unknown> {
  switch (type) {
    case "spilo:index:Incarnation":
      return { token: "1a2b3c4d" };
    case "spilo:index:Password":
      return { value: pulumi.secret(`${secret}-of-${name}`) };
    case "spilo:index:CertificateAuthority":
    case "spilo:index:Certificate":
      return issued(renewed(name) ? `${name}, renewed` : name);
    case "spilo:index:FirstBackup":
      return { backup: "base_1", objectPrefix: inputs["prefix"], sizeBytes: 1000 };
    case "docker:index/remoteImage:RemoteImage":
      return { imageId: imageId ?? `sha256:${String(inputs["name"])}` };
    default:
      return {};
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

/** Runs a program that declares one cluster, against mocks, to its end. */
export async function record(args: SpiloClusterArgs, world: World = {}): Promise<Recording> {
  const registered: Omit<Recorded, "parent" | "after" | "secretOutputs">[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: (resource) => {
      const { type, name, inputs } = resource;
      registered.push({ type, name, inputs });
      return { id: `${name}-id`, state: { ...inputs, ...answers(resource, world) } };
    },
    call: () => ({}),
  };
  const names = new Map<pulumi.Resource, string>();
  const options = new Map<string, pulumi.CustomResourceOptions>();
  const remember: pulumi.ResourceTransformation = ({ resource, name, type, opts }) => {
    names.set(resource, name);
    options.set(`${type} ${name}`, opts);
    return undefined;
  };
  await pulumi.runtime.setMocks(mocks, "pulumi-spilo", "dev", false);
  const cluster = new SpiloCluster(args.name, args, { transformations: [remember] });
  await pulumi.runtime.disconnect();
  const resources = registered.map((one) => {
    const { parent, dependsOn, additionalSecretOutputs = [] } = options.get(`${one.type} ${one.name}`) ?? {};
    return {
      ...one,
      parent: parent === undefined ? undefined : names.get(parent),
      after: resourcesIn(dependsOn).map((other) => names.get(other) ?? "unknown"),
      secretOutputs: additionalSecretOutputs,
    };
  });
  return { resources, cluster };
}

function resourcesIn(dependsOn: pulumi.ResourceOptions["dependsOn"]): readonly pulumi.Resource[] {
  if (Array.isArray(dependsOn)) return dependsOn.filter((one) => pulumi.Resource.isInstance(one));
  return pulumi.Resource.isInstance(dependsOn) ? [dependsOn] : [];
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
 * Names of the resources whose inputs differ between two programs, or that only one of them has. The specification
 * is left out: it differs whenever anything does, and is never an update by itself.
 */
export function differing(before: readonly Recorded[], after: readonly Recorded[]): string[] {
  const key = ({ type, name }: Recorded) => `${type} ${name}`;
  const old = new Map(before.map((one) => [key(one), JSON.stringify(one.inputs)]));
  const now = new Map(after.map((one) => [key(one), JSON.stringify(one.inputs)]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((one) => old.get(one) !== now.get(one) && !one.startsWith("spilo:index:Specification "))
    .sort();
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
