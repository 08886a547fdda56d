import type { automation } from "@pulumi/pulumi";
import { type PatroniClient, patroniClient } from "../actions/patroni/patroni-client.ts";
import { type StackOutputs, stackOutputs } from "../actions/stack-outputs.ts";
import { Failure } from "./failure.ts";

/** What the stack's program exports, secrets included: not to be printed. */
export type ClusterOutputs = StackOutputs;

/** Asks the members, and may change them. */
export function patroniOf({ credentials: { rest, access } }: ClusterOutputs): PatroniClient {
  return patroniClient({ access, credentials: { username: rest.user, password: rest.password } });
}

/** @throws Failure when the stack has no cluster (yet). */
export async function readOutputs(stack: automation.Stack): Promise<ClusterOutputs> {
  const map = await stack.outputs();
  const plain = Object.fromEntries(Object.entries(map).map(([key, { value }]) => [key, value]));
  const parsed = stackOutputs.safeParse(plain);
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new Failure(
    `stack ${stack.name}: no complete cluster in its outputs`,
    `missing or of another form: ${missing}`,
    `Bring it up first: ./run up --stack ${stack.name}`,
  );
}
