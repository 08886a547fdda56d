import type { automation } from "@pulumi/pulumi";
import { z } from "zod";
import { clusterAccess } from "../actions/access.ts";
import { type PatroniClient, patroniClient } from "../actions/patroni-client.ts";
import { Failure } from "./failure.ts";

const login = z.object({ user: z.string(), password: z.string() });

const outputs = z.object({
  name: z.string(),
  endpoint: z.object({ address: z.string(), readWritePort: z.number(), readOnlyPort: z.number() }),
  uri: z.string(),
  members: z.array(
    z.object({ name: z.string(), address: z.string(), restUrl: z.string(), postgresPort: z.number() }),
  ),
  archive: z.object({
    bucket: z.string(),
    prefix: z.string(),
    endpoint: z.string(),
    region: z.string(),
    ca: z.string().optional(),
    firstBackup: z.string(),
    firstBackupBytes: z.number(),
  }),
  survives: z.array(z.string()),
  ca: z.string(),
  credentials: z.object({
    operator: login,
    rest: login,
    access: clusterAccess,
    archive: z.object({ accessKey: z.string(), secretKey: z.string() }),
  }),
});

/** What the stack's program exports, secrets included: not to be printed. */
export type ClusterOutputs = z.infer<typeof outputs>;

/** Asks the members, and may change them. */
export function patroniOf({ credentials: { rest, access } }: ClusterOutputs): PatroniClient {
  return patroniClient({ access, credentials: { username: rest.user, password: rest.password } });
}

/** @throws Failure when the stack has no cluster (yet). */
export async function readOutputs(stack: automation.Stack): Promise<ClusterOutputs> {
  const map = await stack.outputs();
  const plain = Object.fromEntries(Object.entries(map).map(([key, { value }]) => [key, value]));
  const parsed = outputs.safeParse(plain);
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new Failure(
    `stack ${stack.name}: no complete cluster in its outputs`,
    `missing or of another form: ${missing}`,
    `Bring it up first: ./run up --stack ${stack.name}`,
  );
}
