import * as pulumi from "@pulumi/pulumi";
import { SpiloCluster, type SpiloClusterArgs } from "../../components/index.ts";

/** A resource as it was asked for. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Logical name of the parent; undefined for what stands at the top. */
  readonly parent: string | undefined;
}

/** What a program registered, and what came of it. */
export interface Recording {
  readonly resources: readonly Recorded[];
  readonly cluster: SpiloCluster;
}

const secretMark = "4dabf18193072939515e22adb298388d";

/** What the providers would answer; every password is recognizable. */
function answers({ type, name, inputs }: pulumi.runtime.MockResourceArgs): Record<string, unknown> {
  switch (type) {
    case "spilo:index:Incarnation":
      return { token: "1a2b3c4d" };
    case "spilo:index:Password":
      return { value: pulumi.secret(`password-of-${name}`) };
    case "spilo:index:FirstBackup":
      return { backup: "base_1", objectPrefix: inputs["prefix"], sizeBytes: 1000 };
    case "docker:index/remoteImage:RemoteImage":
      return { imageId: `sha256:${String(inputs["name"])}` };
    default:
      return {};
  }
}

/** Runs a program that declares one cluster, against mocks, to its end. */
export async function record(args: SpiloClusterArgs): Promise<Recording> {
  const registered: Omit<Recorded, "parent">[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: (resource) => {
      const { type, name, inputs } = resource;
      registered.push({ type, name, inputs });
      return { id: `${name}-id`, state: { ...inputs, ...answers(resource) } };
    },
    call: () => ({}),
  };
  const names = new Map<pulumi.Resource, string>();
  const parents = new Map<string, pulumi.Resource | undefined>();
  const remember: pulumi.ResourceTransformation = ({ resource, name, type, opts }) => {
    names.set(resource, name);
    parents.set(`${type} ${name}`, opts.parent);
    return undefined;
  };
  await pulumi.runtime.setMocks(mocks, "pulumi-spilo", "dev", false);
  const cluster = new SpiloCluster(args.name, args, { transformations: [remember] });
  await pulumi.runtime.disconnect();
  const resources = registered.map((one) => {
    const parent = parents.get(`${one.type} ${one.name}`);
    return { ...one, parent: parent === undefined ? undefined : names.get(parent) };
  });
  return { resources, cluster };
}

/** Inputs without the marks of secrets. */
export function plain(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
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
