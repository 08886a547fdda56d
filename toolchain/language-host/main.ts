/**
 * Stand-in for the Node.js language host, for machines where the official one cannot be downloaded.
 *
 * The CLI starts a language host as `pulumi-language-nodejs [flags] ENGINE`, reads a port from its first line,
 * and asks it over gRPC to run the program. The work itself is done by `@pulumi/pulumi/cmd/run`, which every
 * program brings along; this only translates the request into that command's arguments.
 */
import * as grpc from "@grpc/grpc-js";
import language from "@pulumi/pulumi/proto/language_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import { type RunOutcome, runProgram } from "./run-program.ts";

type Reply<T> = (error: grpc.ServiceError | null, value?: T) => void;

/** Answers every call the same way: for what a program that brings its own packages does not need. */
function always<T>(make: () => T) {
  return (_call: unknown, reply: Reply<T>) => reply(null, make());
}

function run(
  call: grpc.ServerUnaryCall<InstanceType<typeof messages.RunRequest>, unknown>,
  reply: Reply<InstanceType<typeof messages.RunResponse>>,
): void {
  const engine = process.argv.at(-1) ?? "";
  runProgram(call.request.toObject(), engine).then(
    (outcome) => reply(null, runResponse(outcome)),
    (error: Error) => reply(null, runResponse({ error: error.message, bail: false })),
  );
}

function runResponse(outcome: RunOutcome): InstanceType<typeof messages.RunResponse> {
  const response = new messages.RunResponse();
  response.setError(outcome.error);
  response.setBail(outcome.bail);
  return response;
}

function pluginInfo(): InstanceType<typeof plugin.PluginInfo> {
  const info = new plugin.PluginInfo();
  info.setVersion("3.256.0");
  return info;
}

const server = new grpc.Server();
server.addService(language.LanguageRuntimeService, {
  handshake: always(() => new messages.LanguageHandshakeResponse()),
  getPluginInfo: always(pluginInfo),
  getRequiredPlugins: always(() => new messages.GetRequiredPluginsResponse()),
  getRequiredPackages: always(() => new messages.GetRequiredPackagesResponse()),
  getProgramDependencies: always(() => new messages.GetProgramDependenciesResponse()),
  runtimeOptionsPrompts: always(() => new messages.RuntimeOptionsResponse()),
  about: always(() => new messages.AboutResponse()),
  run,
});

server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
