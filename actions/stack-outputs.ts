import { z } from "zod";
import { jsonIn } from "../cluster/json-in.ts";
import { daysOfWeek } from "../cluster/upkeep/maintenance.ts";
import { ActionError } from "./action-error.ts";
import { clusterReach } from "./reach.ts";
import { type PulumiPlace, runPulumi } from "./run-pulumi.ts";

const placementMode = z.enum(["zonal", "cross-zone"]);

/** Where a cluster stands: as it was asked for, and as it is with the zones that can be had. */
const placement = z.object({
  mode: placementMode,
  standing: placementMode,
  primaryZone: z.string().optional(),
  zones: z.array(
    z.object({
      name: z.string(),
      host: z.string(),
      address: z.string().optional(),
      available: z.boolean(),
      witness: z.boolean(),
      certificates: z.string().optional(),
    }),
  ),
  fallbackToSameZone: z.boolean(),
});

/** What a program that declares one cluster exports, as `index.ts` does. */
export const stackOutputs = clusterReach.extend({
  uri: z.string(),
  recovery: z.object({ objective: z.enum(["fast", "normal", "wide"]) }),
  // A stack of an earlier version has none of these: what does not need them works all the same.
  placement: placement.optional(),
  maintenance: z
    .object({
      day: z.enum(daysOfWeek).optional(),
      start: z.string(),
      minutes: z.number(),
      timeZone: z.string(),
    })
    .optional(),
  volumeMib: z.number().nullish(),
  archive: z.object({
    bucket: z.string(),
    prefix: z.string(),
    endpoint: z.string(),
    region: z.string(),
    ca: z.string().optional(),
    // A stack of an earlier version has none.
    schedule: z.string().optional(),
    second: z
      .object({ bucket: z.string(), endpoint: z.string(), region: z.string(), ca: z.string().optional() })
      .optional(),
    firstBackup: z.string(),
    firstBackupBytes: z.number(),
  }),
  survives: z.array(z.string()),
  ca: z.string(),
  credentials: clusterReach.shape.credentials.extend({
    archive: z.object({ accessKey: z.string(), secretKey: z.string() }),
    secondArchive: z.object({ accessKey: z.string(), secretKey: z.string() }).optional(),
    application: z.object({ user: z.string(), database: z.string() }).optional(),
  }),
});

/** Secrets included: not to be printed. */
export type StackOutputs = z.infer<typeof stackOutputs>;

/**
 * Asks Pulumi's own CLI for the outputs of a stack, with the backend and the secrets provider that it is set up for.
 *
 * @throws ActionError `failed` with what to do, when there is no CLI, no such stack, or no whole cluster in it. No output
 *   is ever part of it.
 */
export async function readStackOutputs(place: PulumiPlace): Promise<StackOutputs> {
  const args = ["stack", "output", "--json", "--show-secrets"];
  const ended = await runPulumi(args, place);
  const what = place.stack === undefined ? "the selected stack" : `stack ${place.stack}`;
  if (ended === undefined) throw noCli(what);
  if (ended.exitCode !== 0) throw noStack(what, ended.why);
  return parseStackOutputs(what, jsonIn(ended.stdout));
}

/** @param what names the stack, as the start of a sentence. @throws ActionError `failed` with what is missing. */
export function parseStackOutputs(what: string, outputs: unknown): StackOutputs {
  const parsed = stackOutputs.safeParse(outputs);
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map(({ path }) => path.join(".") || "all of it").join(", ");
  throw new ActionError(
    "failed",
    `${what}: no whole cluster in its outputs\nmissing or of another form: ${missing}\n` +
      "Bring it up with this version (`pulumi up`), and export what index.ts of pulumi-spilo does.",
  );
}

function noCli(what: string): ActionError {
  return new ActionError(
    "failed",
    `${what}: pulumi is not on PATH, or the folder is not there\nwhere the cluster is and how to reach it is read from the stack's outputs.\n` +
      'Install the Pulumi CLI; in a checkout of pulumi-spilo, eval "$(./run env)" puts it on PATH.',
  );
}

function noStack(what: string, why: string): ActionError {
  return new ActionError(
    "failed",
    `${what}: pulumi cannot read its outputs\n${why}\n` +
      "Go to the folder of the program, name the stack with --stack, and log in to its backend; " +
      'in a checkout of pulumi-spilo, eval "$(./run env)" does that.',
  );
}
