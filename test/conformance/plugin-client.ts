/** Talks to the plugin as the Pulumi engine does, without the engine: for behaviours that need no Pulumi. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import stubs from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import type { Properties } from "../../toolchain/docker-plugin/values.ts";
import { emptyMessage, fromStruct, toStruct } from "../../toolchain/docker-plugin/wire.ts";
import { PLUGIN } from "./names.ts";

/** How long the plugin may take from its start to its first line. */
const START_TIMEOUT_MS = 15_000;

export type Type = "container" | "network" | "volume" | "remoteImage";

export interface Made {
  readonly id: string;
  readonly state: Properties;
}

export interface PluginClient {
  readonly process: ChildProcess;
  readonly configure: (args: Properties) => Promise<void>;
  /** The inputs with what the plugin fills in. @throws the first problem it finds */
  readonly check: (type: Type, news: Properties, olds?: Properties) => Promise<Properties>;
  /** Checks, then creates. */
  readonly create: (type: Type, inputs: Properties) => Promise<Made>;
  /** What a preview of a creation promises. */
  readonly preview: (type: Type, inputs: Properties) => Promise<Properties>;
  /** An id of "" means that it is gone. */
  readonly read: (type: Type, made: Made) => Promise<Made>;
  /** Checks, then updates. @returns the new state */
  readonly update: (type: Type, made: Made, inputs: Properties) => Promise<Made>;
  readonly remove: (type: Type, made: Made) => Promise<void>;
  /** Checks, then compares: the names of properties that differ, with `!` where that replaces. */
  readonly diff: (type: Type, made: Made, inputs: Properties) => Promise<string[]>;
  readonly cancel: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The plugin answered with an error. */
export class PluginFailure extends Error {
  /** What was made before that, for the stack's state. */
  readonly left: Made | undefined;

  constructor(message: string, left: Made | undefined) {
    super(message);
    this.left = left;
  }
}

/** Starts the plugin's script, or a command that does. */
export async function startPlugin(
  env: NodeJS.ProcessEnv = process.env,
  command: readonly [string, ...string[]] = [PLUGIN],
): Promise<PluginClient> {
  const [program, ...args] = command;
  const child = spawn(program, args, { cwd: "/", env, stdio: ["ignore", "pipe", "inherit"] });
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const [port] = await once(createInterface(child.stdout), "line", { signal });
  const client = new stubs.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const stop = async () => {
    client.close();
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  const cancel = async () => {
    await answer<unknown>((reply) => client.cancel(emptyMessage(), reply));
  };
  return { process: child, ...decisions(client), ...changes(client), cancel, stop };
}

type Client = InstanceType<typeof stubs.ResourceProviderClient>;

function decisions(client: Client): Pick<PluginClient, "configure" | "check" | "diff"> {
  const check = checking(client);
  return {
    configure: async (args) => {
      const request = new messages.ConfigureRequest();
      request.setArgs(toStruct(args));
      await answer<unknown>((reply) => client.configure(request, reply));
    },
    check,
    diff: async (type, made, inputs) => {
      const request = new messages.DiffRequest();
      request.setUrn(urnOf(type));
      request.setId(made.id);
      request.setOlds(toStruct(made.state));
      request.setNews(toStruct(await check(type, inputs, made.state)));
      const response = await answer<InstanceType<typeof messages.DiffResponse>>((reply) =>
        client.diff(request, reply),
      );
      const replaces = new Set(response.getReplacesList());
      return response.getDiffsList().map((name) => (replaces.has(name) ? `${name}!` : name));
    },
  };
}

function checking(client: Client): PluginClient["check"] {
  return async (type, news, olds = {}) => {
    const request = new messages.CheckRequest();
    request.setUrn(urnOf(type));
    request.setName("thing");
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    const response = await answer<InstanceType<typeof messages.CheckResponse>>((reply) =>
      client.check(request, reply),
    );
    const [problem] = response.getFailuresList();
    if (problem) throw new PluginFailure(`${problem.getProperty()}: ${problem.getReason()}`, undefined);
    return fromStruct(response.getInputs());
  };
}

function changes(client: Client): Pick<PluginClient, "create" | "preview" | "read" | "update" | "remove"> {
  const check = checking(client);
  const create = async (type: Type, inputs: Properties, preview: boolean): Promise<Made> => {
    const request = new messages.CreateRequest();
    request.setUrn(urnOf(type));
    request.setPreview(preview);
    request.setProperties(toStruct(await check(type, inputs)));
    const response = await answer<InstanceType<typeof messages.CreateResponse>>((reply) =>
      client.create(request, reply),
    );
    return { id: response.getId(), state: fromStruct(response.getProperties()) };
  };
  return {
    create: (type, inputs) => create(type, inputs, false),
    preview: async (type, inputs) => (await create(type, inputs, true)).state,
    read: async (type, made) => {
      const request = new messages.ReadRequest();
      request.setUrn(urnOf(type));
      request.setId(made.id);
      request.setProperties(toStruct(made.state));
      const response = await answer<InstanceType<typeof messages.ReadResponse>>((reply) =>
        client.read(request, reply),
      );
      return { id: response.getId(), state: fromStruct(response.getProperties()) };
    },
    update: async (type, made, inputs) => {
      const request = new messages.UpdateRequest();
      request.setUrn(urnOf(type));
      request.setId(made.id);
      request.setOlds(toStruct(made.state));
      request.setNews(toStruct(await check(type, inputs, made.state)));
      const response = await answer<InstanceType<typeof messages.UpdateResponse>>((reply) =>
        client.update(request, reply),
      );
      return { id: made.id, state: fromStruct(response.getProperties()) };
    },
    remove: async (type, made) => {
      const request = new messages.DeleteRequest();
      request.setUrn(urnOf(type));
      request.setId(made.id);
      request.setProperties(toStruct(made.state));
      await answer<unknown>((reply) => client.delete(request, reply));
    },
  };
}

function urnOf(type: Type): string {
  const name = type.charAt(0).toUpperCase() + type.slice(1);
  return `urn:pulumi:test::conformance::docker:index/${type}:${name}::thing`;
}

function answer<Response>(
  call: (reply: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) =>
      error ? reject(new PluginFailure(error.details, leftBy(error))) : resolve(response),
    );
  });
}

/** gRPC's place for structured details. */
function leftBy(error: ServiceError): Made | undefined {
  const [encoded] = error.metadata.get("grpc-status-details-bin");
  if (!(encoded instanceof Buffer)) return undefined;
  const [detail] = statuses.Status.deserializeBinary(encoded).getDetailsList();
  if (!detail) return undefined;
  const failed = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
  return { id: failed.getId(), state: fromStruct(failed.getProperties()) };
}
