import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { root } from "../toolchain/paths.ts";

/** The files for CI systems, by their paths in the project. */
export const gitHubFiles = readdirSync(join(root, "examples/ci/github")).map(
  (name) => `examples/ci/github/${name}`,
);
export const gitLabFile = "examples/ci/gitlab/.gitlab-ci.yml";

/** Variables as they are written: `${{ secrets.NAME }}`. */
const variables = z.record(z.string(), z.string()).default({});

/** A workflow of GitHub's, as far as it is read here. */
const workflow = z.object({
  env: variables,
  defaults: z.object({ run: z.object({ shell: z.literal("bash") }) }),
  jobs: z.record(
    z.string(),
    z.object({
      if: z.string().optional(),
      steps: z.array(
        z.object({
          run: z.string().optional(),
          uses: z.string().optional(),
          if: z.literal(`\${{ !cancelled() }}`).optional(),
          env: variables,
        }),
      ),
    }),
  ),
});

/** A command of a job, and how it is run. */
export interface Step {
  /** By bash. */
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
  /** Also when one before it has failed. */
  readonly always: boolean;
}

export interface Job {
  readonly condition: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Its commands, in order; what `uses` sets up is the machine's here. */
  readonly steps: readonly Step[];
}

export function gitHubJobs(file: string): Readonly<Record<string, Job>> {
  const { env, jobs } = workflow.parse(parse(readFileSync(join(root, file), "utf8")));
  const jobOf = ({ if: condition, steps }: (typeof jobs)[string]): Job => ({
    condition,
    env,
    steps: steps.flatMap((step) =>
      step.run === undefined ? [] : [{ run: step.run, env: step.env, always: step.if !== undefined }],
    ),
  });
  return Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, jobOf(job)]));
}

const lines = z.array(z.string()).default([]);
const gitLabJob = z.object({ variables, before_script: lines, script: lines, after_script: lines });

/** A job of GitLab's: one shell runs all of a list, and another one what comes after, whatever has happened. */
export interface GitLabJob {
  readonly variables: Readonly<Record<string, string>>;
  readonly script: readonly string[];
  readonly after: readonly string[];
}

export function gitLabJobs(): Readonly<Record<string, GitLabJob>> {
  const { default: common, ...entries } = z
    .record(z.string(), z.unknown())
    .parse(parse(readFileSync(join(root, gitLabFile), "utf8")));
  const before = gitLabJob.parse(common).before_script;
  const jobs = Object.entries(entries).flatMap(([name, entry]) => {
    const { success, data } = gitLabJob.safeParse(entry);
    if (!success || data.script.length === 0) return [];
    const { variables: own, script, after_script: after } = data;
    return [[name, { variables: own, script: [...before, ...script], after }] as const];
  });
  return Object.fromEntries(jobs);
}

/** Every command of a file. */
export function commandsOf(file: string): readonly string[] {
  return file === gitLabFile
    ? Object.values(gitLabJobs()).flatMap(({ script, after }) => [...script, ...after])
    : Object.values(gitHubJobs(file)).flatMap(({ steps }) => steps.map(({ run }) => run));
}
