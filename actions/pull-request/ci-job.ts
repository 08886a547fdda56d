import { readFileSync } from "node:fs";
import { z } from "zod";
import { ActionError } from "../action-error.ts";

/** What a job of GitHub Actions or of GitLab CI says of the pull request (there: merge request) that it runs for. */
export interface CiJob {
  readonly kind: "github" | "gitlab";
  /** Base address of the API, without a slash at its end. */
  readonly api: string;
  /** `owner/name`; on GitLab the project's number. */
  readonly repository: string;
  readonly number: number;
  /** Who has opened it; on GitLab, where a job is not told, who runs the job. */
  readonly author: string;
  /** The commit that is looked at, in full. */
  readonly commit: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** As much of the event as is read. @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request */
const pullRequestEvent = z.object({
  number: z.int().positive(),
  pull_request: z.object({
    user: z.object({ login: z.string() }),
    head: z.object({ sha: z.string() }),
  }),
});

/**
 * @param variables the environment of the job.
 * @throws ActionError `failed` with the variable that is missing, when this is no job for a pull request.
 */
export function ciJob(variables: Variables): CiJob {
  if (variables["GITHUB_ACTIONS"] === "true") return onGitHub(variables);
  if (variables["GITLAB_CI"] === "true") return onGitLab(variables);
  throw new ActionError(
    "failed",
    "this is no job of GitHub Actions or GitLab CI\nneither GITHUB_ACTIONS nor GITLAB_CI is true in the environment, " +
      "so no pull request is known.\nRun it there, or set the variables that such a job has (docs/pull-requests.md).",
  );
}

/** @see https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
function onGitHub(variables: Variables): CiJob {
  const file = wanted(variables, "GITHUB_EVENT_PATH");
  const event = pullRequestEvent.safeParse(readJson(file));
  if (!event.success) throw noPullRequest(`GITHUB_EVENT_PATH: ${file} is of no pull request`, "pull_request");
  const { number, pull_request: request } = event.data;
  return {
    kind: "github",
    api: apiOf(variables, "GITHUB_API_URL"),
    repository: wanted(variables, "GITHUB_REPOSITORY"),
    number,
    author: request.user.login,
    commit: request.head.sha,
  };
}

/** @see https://docs.gitlab.com/ci/variables/predefined_variables/ */
function onGitLab(variables: Variables): CiJob {
  const number = Number(variables["CI_MERGE_REQUEST_IID"]);
  if (!Number.isInteger(number) || number < 1) {
    throw noPullRequest(
      `CI_MERGE_REQUEST_IID: ${variables["CI_MERGE_REQUEST_IID"] ?? "not set"}`,
      'if: $CI_PIPELINE_SOURCE == "merge_request_event"',
    );
  }
  return {
    kind: "gitlab",
    api: apiOf(variables, "CI_API_V4_URL"),
    repository: wanted(variables, "CI_PROJECT_ID"),
    number,
    author: wanted(variables, "GITLAB_USER_LOGIN"),
    commit: wanted(variables, "CI_COMMIT_SHA"),
  };
}

function apiOf(variables: Variables, name: string): string {
  const value = wanted(variables, name);
  if (URL.canParse(value) && /^https?:/.test(value)) return value.replace(/\/+$/, "");
  throw new ActionError("failed", `${name}: ${value}\nis no address of an API.\nWrite https://HOST/PATH.`);
}

function wanted(variables: Variables, name: string): string {
  const value = variables[name] ?? "";
  if (value !== "") return value;
  throw new ActionError(
    "failed",
    `${name}: not set\na job has it from its runner.\nHand it on to this command, or run it in the job itself.`,
  );
}

function noPullRequest(what: string, event: string): ActionError {
  return new ActionError(
    "failed",
    `${what}\nthe job was not started for a pull request, so there is none to work on.\n` +
      `Start it for pull requests alone (${event}), as the files in examples/ci do.`,
  );
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // said as a file that is of no pull request
  }
}
