import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { bodyOf, close, listen } from "../provider/local-server.ts";

/** A comment as the server keeps it. */
export interface KeptComment {
  readonly id: number;
  body: string;
  /** Login of who has written it. */
  readonly author: string;
}

/** Plays the comments of one pull request of GitHub, or the notes of one merge request of GitLab. */
export interface ForgeServer {
  /** As a job has it from its runner. */
  readonly api: string;
  readonly comments: KeptComment[];
  /** Method and path of each question, in order. */
  readonly asked: string[];
  /** Answers the next questions with these, instead of doing what is asked; 0 ends the connection. */
  readonly failures: { readonly status: number; readonly headers?: Record<string, string> }[];
  /** Does what the next question that writes asks, and loses the answer. */
  loseNextAnswer: boolean;
  close(): Promise<void>;
}

/** What each takes a comment to be, and who asks. */
interface Dialect {
  readonly base: string;
  readonly list: string;
  readonly one: (id: number) => string;
  readonly update: string;
  readonly tokenOf: (request: IncomingMessage) => string;
  readonly json: (comment: KeptComment) => object;
}

const bots = ["github-actions[bot]", "other-app[bot]"];
const idOf = (login: string) =>
  [...login].reduce((sum, letter) => sum * 7 + letter.charCodeAt(0), 0) % 100_003;

const gitHub: Dialect = {
  base: "",
  list: "/repos/acme/databases/issues/17/comments",
  one: (id) => `/repos/acme/databases/issues/comments/${id}`,
  update: "PATCH",
  tokenOf: ({ headers }) => (headers.authorization ?? "").replace(/^Bearer /, ""),
  json: ({ id, body, author }) => ({
    id,
    body,
    user: { login: author, type: bots.includes(author) ? "Bot" : "User" },
  }),
};

const gitLab: Dialect = {
  base: "/api/v4",
  list: "/projects/42/merge_requests/17/notes",
  one: (id) => `/projects/42/merge_requests/17/notes/${id}`,
  update: "PUT",
  tokenOf: ({ headers }) => String(headers["private-token"] ?? ""),
  json: ({ id, body, author }) => ({ id, body, author: { id: idOf(author), username: author } }),
};

/** Who a token belongs to. GitHub's job is an app, and so no user. */
const owners: Readonly<Record<string, string>> = {
  "token-of-the-job": "github-actions[bot]",
  "token-of-a-person": "ann",
};

/** Most that the real ones give in one answer. */
const MOST = 100;
/** Longest comment of GitHub. */
const LONGEST = 65_536;

export async function forgeServer(kind: "github" | "gitlab"): Promise<ForgeServer> {
  const dialect = kind === "github" ? gitHub : gitLab;
  const comments: KeptComment[] = [];
  const asked: string[] = [];
  const failures: ForgeServer["failures"] = [];
  let nextId = 1000;
  const server = createServer((request, response) => void answer(request, response));
  const url = await listen(server);
  const forge: ForgeServer = {
    ...{ api: `${url}${dialect.base}`, comments, asked, failures, loseNextAnswer: false },
    close: () => close(server),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: target = "" } = request;
    asked.push(`${method} ${target}`);
    const failure = failures.shift();
    if (failure?.status === 0) return void response.destroy();
    if (failure !== undefined) return say(response, failure.status, { message: "for once" }, failure.headers);
    const { pathname, searchParams } = new URL(target, url);
    const author = owners[dialect.tokenOf(request)];
    if (author === undefined) return say(response, 401, { message: "Bad credentials" });
    if (!pathname.startsWith(dialect.base)) return say(response, 404, {});
    const path = pathname.slice(dialect.base.length);
    if (path === "/user") {
      return bots.includes(author)
        ? say(response, 403, { message: "Resource not accessible by integration" })
        : say(response, 200, { id: idOf(author), login: author });
    }
    if (method === "GET" && path === dialect.list) {
      const size = Math.min(MOST, Number(searchParams.get("per_page") ?? 30));
      const from = (Number(searchParams.get("page") ?? 1) - 1) * size;
      return say(response, 200, comments.slice(from, from + size).map(dialect.json));
    }
    const { body = "" }: { body?: string } = JSON.parse((await bodyOf(request)) || "{}");
    if (body.length > LONGEST) return say(response, 422, { message: "Body is too long" });
    const known = comments.find(({ id }) => path === dialect.one(id));
    if (method === "POST" && path === dialect.list) comments.push({ id: nextId++, body, author });
    else if (method === dialect.update && known !== undefined) known.body = body;
    else return say(response, 404, { message: "Not Found" });
    if (forge.loseNextAnswer) {
      forge.loseNextAnswer = false;
      return void response.destroy();
    }
    return say(response, method === "POST" ? 201 : 200, {});
  }
  return forge;
}

function say(response: ServerResponse, status: number, body: object, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
