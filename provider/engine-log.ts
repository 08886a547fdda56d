import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/engine_pb.js";

/** Shows a line beside a resource while `preview` or `up` runs. */
export type EngineLog = (urn: string, line: string, severity?: "info" | "warning") => Promise<void>;

/**
 * Lines for the person at the terminal go through the engine: what a provider prints itself is mixed with its
 * protocol. Without an engine, as in tests, nothing is shown.
 */
export function engineLog(address: string | undefined): EngineLog {
  if (address === undefined) return async () => undefined;
  let client: EngineClient | undefined;
  return (urn, line, severity = "info") => {
    client ??= new EngineClient(address, credentials.createInsecure());
    const request = new messages.LogRequest();
    request.setUrn(urn);
    request.setMessage(line);
    const { INFO, WARNING } = messages.LogSeverity;
    request.setSeverity(severity === "info" ? INFO : WARNING);
    const engine = client;
    return new Promise((resolve, reject) => {
      engine.log(request, (error: Error | null) => (error === null ? resolve() : reject(error)));
    });
  };
}
