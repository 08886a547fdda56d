import { readFile } from "node:fs/promises";
import { ActionError, reasonOf } from "../action-error.ts";
import { ciJob } from "../pull-request/ci-job.ts";
import { commentBody, marker } from "../pull-request/comment-body.ts";
import { COMMENT_LIMIT, forgeOf } from "../pull-request/forge.ts";
import { type Posted, postComment } from "../pull-request/post-comment.ts";
import type { Clock } from "../wait.ts";

export interface CommentPlanOptions {
  readonly stack: string;
  /** A file with the plan in Markdown. One that is empty or not there is told as a failure. */
  readonly plan: string;
  /** A file with what `pulumi preview --diff` said. @default none */
  readonly diff?: string | undefined;
  /** Environment of the job, with the token. @default this process's */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CommentReport {
  readonly pullRequest: number;
  readonly stack: string;
  readonly comment: Posted;
  /** Whether it says a plan. */
  readonly hasPlan: boolean;
}

/**
 * Posts the plan as the one comment on the pull request of this job, or updates it.
 *
 * @throws ActionError `failed` with the setting that is missing or refused, `deadline` when the API cannot be had.
 */
export async function commentPlan(options: CommentPlanOptions): Promise<CommentReport> {
  const { stack, variables = process.env, clock, signal } = options;
  const job = ciJob(variables);
  const setting = job.kind === "github" ? "GITHUB_TOKEN" : "GITLAB_TOKEN";
  const token = variables[setting] ?? "";
  if (token === "") throw noToken(setting);
  const plan = await textOf(options.plan);
  const diff = options.diff === undefined ? "" : await textOf(options.diff);
  const body = commentBody({ stack, commit: job.commit, plan, diff, limit: COMMENT_LIMIT });
  const what = `comment on pull request ${job.number}`;
  const told = { marker: marker(stack), body, what, clock, signal };
  const comment = await postComment(forgeOf(job, token, signal), told);
  return { pullRequest: job.number, stack, comment, hasPlan: plan.trim() !== "" };
}

function noToken(setting: string): ActionError {
  return new ActionError(
    "failed",
    `${setting}: not set\na comment is written with a token, which comes from the environment alone.\n` +
      `Hand it to the step: env: { ${setting}: … } (docs/pull-requests.md says which one).`,
  );
}

/** A step before this one may have failed before it wrote anything: the comment says so. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new ActionError("failed", `${file}: ${reasonOf(error)}`, { cause: error });
  }
}
