/**
 * The plugin's gRPC face. `@pulumi/pulumi/provider` has a server too, but it keeps from a provider its configuration,
 * whether this is a preview, and the means to say which properties differ.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 */
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import stubs from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { reveal } from "./markers.ts";
import { create, read, remove, update } from "./rpc/change.ts";
import { check, diff } from "./rpc/plan.ts";
import { newSession, type Session } from "./session.ts";
import { emptyMessage, fromStruct, toServiceError } from "./wire.ts";

/** Uploads travel inside properties, so there is no limit but memory. */
const OPTIONS = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** A plugin that serves on this machine's own address. */
export interface Serving {
  readonly port: number;
  /** Ends after the calls under way. */
  readonly stop: () => Promise<void>;
}

/** @param version the version of the SDK whose plugin this stands in for */
export async function serve(version: string, env: NodeJS.ProcessEnv): Promise<Serving> {
  const server = new Server(OPTIONS);
  server.addService(stubs.ResourceProviderService, calls(newSession(env), version));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const stop = () => new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  return { port, stop };
}

/** What is not listed here is answered as not implemented, which the engine takes as the simplest behaviour. */
function calls(session: Session, version: string) {
  return {
    getPluginInfo: answering(async () => pluginInfo(version)),
    getSchema: answering(async () => schema(version)),
    attach: answering(async () => emptyMessage()),
    configure: answering((request: ConfigureRequest) => configure(session, request)),
    check: answering(check),
    diff: answering(diff),
    create: answering((request: InstanceType<typeof messages.CreateRequest>) => create(session, request)),
    read: answering((request: InstanceType<typeof messages.ReadRequest>) => read(session, request)),
    update: answering((request: InstanceType<typeof messages.UpdateRequest>) => update(session, request)),
    delete: answering((request: InstanceType<typeof messages.DeleteRequest>) => remove(session, request)),
    invoke: answering(refuse),
    cancel: answering(async () => {
      session.cancel();
      return emptyMessage();
    }),
  };
}

function answering<Request, Response>(
  answer: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, reply) => {
    answer(call.request).then(
      (response) => reply(null, response),
      (error: unknown) => reply(toServiceError(error)),
    );
  };
}

type ConfigureRequest = InstanceType<typeof messages.ConfigureRequest>;

async function configure(
  session: Session,
  request: ConfigureRequest,
): Promise<InstanceType<typeof messages.ConfigureResponse>> {
  const args = Object.entries(fromStruct(request.getArgs()));
  await session.configure(Object.fromEntries(args.map(([name, value]) => [name, reveal(value ?? null)])));
  const response = new messages.ConfigureResponse();
  response.setAcceptsecrets(true);
  response.setSupportspreview(true);
  response.setSupportsAutonamingConfiguration(true);
  return response;
}

async function refuse(request: InstanceType<typeof messages.InvokeRequest>): Promise<never> {
  throw new Error(`function '${request.getTok()}' is not served by the stand-in for the docker plugin`);
}

function pluginInfo(version: string): InstanceType<typeof plugin.PluginInfo> {
  const info = new plugin.PluginInfo();
  info.setVersion(version);
  return info;
}

/** Enough for the engine to name the package; the SDK brings the types. */
function schema(version: string): InstanceType<typeof messages.GetSchemaResponse> {
  const response = new messages.GetSchemaResponse();
  response.setSchema(JSON.stringify({ name: "docker", version }));
  return response;
}
