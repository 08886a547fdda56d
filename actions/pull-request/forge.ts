import { z } from "zod";
import { ActionError, reasonOf } from "../action-error.ts";
import type { CiJob } from "./ci-job.ts";

/** A comment of a pull request. */
interface Comment {
  readonly id: number;
  readonly body: string;
}

/** Where pull requests are, for one of them. A method throws ActionError: `unreachable` when it may work later. */
export interface Forge {
  /** What the token's owner has written, oldest first; what others wrote is not ours to change, nor to be fooled by. */
  ownComments(): Promise<readonly Comment[]>;
  create(body: string): Promise<void>;
  update(id: number, body: string): Promise<void>;
}

/** Characters that a comment may have: GitHub's limit, far below GitLab's. */
export const COMMENT_LIMIT = 65_536;

const PER_PAGE = 100;
/** Nobody reads a pull request with more. */
const MOST_PAGES = 50;
const ANSWER_MS = 15_000;

/** @param token is sent to the job's API alone, and is part of no message. */
export function forgeOf(job: CiJob, token: string, signal?: AbortSignal): Forge {
  return job.kind === "github" ? gitHub(job, token, signal) : gitLab(job, token, signal);
}

const gitHubUser = z.object({ login: z.string() });
const gitHubComments = z.array(
  z.object({
    id: z.number(),
    body: z.string().nullish(),
    user: z.object({ login: z.string(), type: z.string() }).nullable(),
  }),
);

/** @see https://docs.github.com/en/rest/issues/comments */
function gitHub({ api, repository, number }: CiJob, token: string, signal?: AbortSignal): Forge {
  const ask = asking({
    api,
    signal,
    token,
    setting: "GITHUB_TOKEN",
    right: "pull-requests: write",
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    },
  });
  const comments = `/repos/${repository}/issues/${number}/comments`;
  return {
    ownComments: async () => {
      // The token of a job belongs to an app, which is no user and is refused here.
      const own = await ask("GET", "/user", { mayBeRefused: true });
      const login = own === undefined ? undefined : gitHubUser.parse(own).login;
      const all = await everyPage((page) => ask("GET", `${comments}?${page}`), gitHubComments);
      return all
        .filter(({ user }) => (login === undefined ? user?.type === "Bot" : user?.login === login))
        .map(({ id, body }) => ({ id, body: body ?? "" }));
    },
    create: async (body) => {
      await ask("POST", comments, { body: { body } });
    },
    update: async (id, body) => {
      await ask("PATCH", `/repos/${repository}/issues/comments/${id}`, { body: { body } });
    },
  };
}

const gitLabUser = z.object({ id: z.number() });
const gitLabNotes = z.array(
  z.object({ id: z.number(), body: z.string(), author: z.object({ id: z.number() }) }),
);

/** @see https://docs.gitlab.com/api/notes/ */
function gitLab({ api, repository, number }: CiJob, token: string, signal?: AbortSignal): Forge {
  const ask = asking({
    api,
    signal,
    token,
    setting: "GITLAB_TOKEN",
    right: "the scope api and the role Reporter",
    headers: { "private-token": token },
  });
  const notes = `/projects/${encodeURIComponent(repository)}/merge_requests/${number}/notes`;
  return {
    ownComments: async () => {
      const own = gitLabUser.parse(await ask("GET", "/user"));
      const inOrder = "sort=asc&order_by=created_at";
      const all = await everyPage((page) => ask("GET", `${notes}?${inOrder}&${page}`), gitLabNotes);
      return all.filter(({ author }) => author.id === own.id).map(({ id, body }) => ({ id, body }));
    },
    create: async (body) => {
      await ask("POST", notes, { body: { body } });
    },
    update: async (id, body) => {
      await ask("PUT", `${notes}/${id}`, { body: { body } });
    },
  };
}

async function everyPage<T>(
  page: (query: string) => Promise<unknown>,
  form: z.ZodType<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let number = 1; number <= MOST_PAGES; number += 1) {
    const some = form.parse(await page(`per_page=${PER_PAGE}&page=${number}`));
    all.push(...some);
    if (some.length < PER_PAGE) break;
  }
  return all;
}

interface Place {
  readonly api: string;
  readonly token: string;
  /** The variable with the token, and what it has to be allowed: for messages. */
  readonly setting: string;
  readonly right: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

interface Question {
  readonly body?: object;
  /** Then the answer is undefined. @default false: it is an error */
  readonly mayBeRefused?: boolean;
}

type Ask = (method: string, path: string, question?: Question) => Promise<unknown>;

function asking(place: Place): Ask {
  return async (method, path, { body, mayBeRefused = false } = {}) => {
    const url = `${place.api}${path}`;
    const late = AbortSignal.timeout(ANSWER_MS);
    const signal = place.signal === undefined ? late : AbortSignal.any([late, place.signal]);
    const headers = { "user-agent": "spiloctl", "content-type": "application/json", ...place.headers };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      // Nobody is followed to another address: the token is for this one.
      const answer = await fetch(url, { method, headers, signal, redirect: "error", ...sent });
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text);
      if (mayBeRefused && answer.status === 403 && !isLimited(answer)) return undefined;
      throw refusedBy(place, `${method} ${url}`, answer, text);
    } catch (error) {
      place.signal?.throwIfAborted();
      if (error instanceof ActionError) throw error;
      const said = withoutToken(place, reasonOf(error));
      throw new ActionError("unreachable", `${method} ${url}: ${said}`);
    }
  };
}

/** GitHub answers with 403, too, when it is asked too much. */
function isLimited({ status, headers }: Response): boolean {
  return status === 429 || headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0";
}

function refusedBy(place: Place, what: string, answer: Response, text: string): ActionError {
  const said = withoutToken(place, text.replaceAll(/\s+/g, " ").slice(0, 200));
  const found = `${what}: ${answer.status} ${said}`;
  if (answer.status >= 500 || isLimited(answer)) return new ActionError("unreachable", found);
  const { setting, right } = place;
  const remedy =
    answer.status === 401 || answer.status === 403 || answer.status === 404
      ? `Hand in a token by ${setting} that is allowed this (${right}).`
      : "See what it says; the variables of the job name the API and the pull request.";
  return new ActionError("failed", `${found}\nthe API refuses it, and would do so again.\n${remedy}`);
}

function withoutToken({ token }: Place, text: string): string {
  return text.replaceAll(token, "***");
}
