/** The pieces of gRPC messages that `@pulumi/pulumi/proto` leaves to `google-protobuf`. */
import { createRequire } from "node:module";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type stubs from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import { reasonOf } from "./failures.ts";
import { CreatedButFailed } from "./kind.ts";
import type { Properties } from "./values.ts";

/** A `google.protobuf.Struct`. */
export type Struct = NonNullable<ReturnType<InstanceType<typeof provider.CheckResponse>["getInputs"]>>;

/** A `google.protobuf.Any`. */
type Any = ReturnType<InstanceType<typeof statuses.Status>["addDetails"]>;

/** A `google.protobuf.Empty`. */
export type Empty = Parameters<InstanceType<typeof stubs.ResourceProviderClient>["cancel"]>[0];

// The stubs only accept messages of the very copy of google-protobuf that they were loaded with.
const ofStubs = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const structs: { readonly Struct: { fromJavaScript(properties: Properties): Struct } } = ofStubs(
  "google-protobuf/google/protobuf/struct_pb.js",
);
const anys: { readonly Any: new () => Any } = ofStubs("google-protobuf/google/protobuf/any_pb.js");
const empties: { readonly Empty: new () => Empty } = ofStubs("google-protobuf/google/protobuf/empty_pb.js");

export function toStruct(properties: Properties): Struct {
  const known = Object.entries(properties).filter(([, value]) => value !== undefined);
  return structs.Struct.fromJavaScript(Object.fromEntries(known));
}

export function fromStruct(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

export function emptyMessage(): Empty {
  return new empties.Empty();
}

/** An error as the engine takes it. What was made and then failed goes along, so that it is kept in the state. */
export function toServiceError(error: unknown): Partial<ServiceError> {
  const message = reasonOf(error);
  const code = status.UNKNOWN;
  if (!(error instanceof CreatedButFailed)) return { code, message, details: message };
  const failed = new provider.ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(toStruct(error.state));
  failed.setReasonsList([message]);
  const detail = new anys.Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const envelope = new statuses.Status();
  envelope.setCode(code);
  envelope.setMessage(message);
  envelope.addDetails(detail);
  const metadata = new Metadata();
  // gRPC's place for structured details; the Node.js implementation does not fill it in by itself.
  metadata.add("grpc-status-details-bin", Buffer.from(envelope.serializeBinary()));
  return { code, message, details: message, metadata };
}
