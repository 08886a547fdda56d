import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ActionError, reasonOf } from "../action-error.ts";
import { ciJob } from "../pull-request/ci-job.ts";
import { type Pulumi, pulumiIn } from "../pull-request/pulumi.ts";
import { requestStack, stackOfRequest } from "../pull-request/stack-of-request.ts";

interface Surroundings {
  /** Of the program (Pulumi.yaml). @default the current one */
  readonly folder?: string | undefined;
  /** Environment of the job. @default this process's */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

export interface RequestUpOptions extends Surroundings {
  /** The configuration that each pull request's stack is made from. */
  readonly template: string;
  /** How long the cluster may live when nobody takes it down: `2d`. */
  readonly ttl: string;
}

export interface RequestUpReport {
  readonly stack: string;
  readonly cluster: string;
  readonly owner: string;
  readonly ttl: string;
}

/**
 * Brings up the cluster of this job's pull request, in a stack of its own: made by the first push, updated by the next ones.
 *
 * @throws ActionError `failed` with what is missing, or with the command of Pulumi's that failed.
 */
export async function requestUp(options: RequestUpOptions): Promise<RequestUpReport> {
  const { template, ttl, folder, variables = process.env, signal } = options;
  const { number, author: owner } = ciJob(variables);
  const program = resolve(folder ?? ".");
  const file = resolve(program, template);
  const { stack, cluster, text } = requestStack(await textOf(file), { file: template, number, owner, ttl });
  const pulumi = pulumiIn(program, signal);
  await writeFile(join(program, `Pulumi.${stack}.yaml`), text);
  await pulumi.show("stack", "select", "--create", "--stack", stack);
  await pulumi.show("up", "--stack", stack, "--yes", "--skip-preview");
  return { stack, cluster, owner, ttl };
}

export interface RequestDownReport {
  readonly stack: string;
  /** False: there was nothing to take down. */
  readonly removed: boolean;
}

/**
 * Takes down what {@link requestUp} has made for this job's pull request, its state included. Safe to do twice.
 *
 * @throws ActionError `failed` with what is left of it.
 */
export async function requestDown(options: Surroundings): Promise<RequestDownReport> {
  const { folder, variables = process.env, signal } = options;
  const stack = stackOfRequest(ciJob(variables).number);
  const pulumi = pulumiIn(folder, signal);
  if (!(await pulumi.hasStack(stack))) return { stack, removed: false };
  try {
    await pulumi.show("destroy", "--stack", stack, "--yes", "--skip-preview");
  } catch (error) {
    throw await notGone(pulumi, stack, error);
  }
  await pulumi.show("stack", "rm", stack, "--yes");
  return { stack, removed: true };
}

async function notGone(pulumi: Pulumi, stack: string, cause: unknown): Promise<unknown> {
  if (!(cause instanceof ActionError)) return cause;
  // What the state says is the least that is left.
  const left = await pulumi.resources(stack).then(
    (resources) => `left are ${resources.length}: ${resources.slice(0, 20).join(", ")}`,
    (error: unknown) => `what is left cannot be told: ${reasonOf(error)}`,
  );
  return new ActionError(
    "failed",
    `stack ${stack}: not taken down\n${cause.message.split("\n", 1)[0]}; ${left}\n` +
      "Run the job again. If it is never taken down, spiloctl sweep removes it when its time to live is over.",
    { cause },
  );
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new ActionError(
      "failed",
      `--template ${file}: ${reasonOf(error)}\nthe stack of a pull request is made from this file.\n` +
        "Name a configuration that is in the repository.",
      { cause: error },
    );
  }
}
