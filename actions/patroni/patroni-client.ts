import { z } from "zod";
import type { JsonObject } from "../../cluster/settings/merge-patch.ts";
import type { ClusterAccess } from "../access.ts";
import { ActionError } from "../action-error.ts";
import { type HttpFetch, httpsFetch, peerOf } from "../https-fetch.ts";
import { connectionFailure } from "../sql/connection-failure.ts";
import { wayIsOpen } from "../way/open-way.ts";

/**
 * Patroni's REST API, as far as it is used here. Both sides show a certificate of the cluster's CA. Answers are
 * checked, so that another program on the port is an error that says so.
 *
 * @see https://patroni.readthedocs.io/en/latest/rest_api.html
 */
export interface PatroniClient {
  /** GET /cluster: what the DCS knows of all members. */
  cluster(restUrl: string): Promise<ClusterView>;
  /** GET /patroni: what one member says of itself; answered also when PostgreSQL does not run. */
  member(restUrl: string): Promise<MemberStatus>;
  /** GET /history: every change of the leader, oldest first. */
  history(restUrl: string): Promise<readonly RoleChange[]>;
  /** GET /config: the dynamic settings as they stand in the DCS. */
  config(restUrl: string): Promise<Document>;
  /** PATCH /config: merges; null removes a key. Needs credentials. */
  patchConfig(restUrl: string, patch: Document): Promise<Document>;
  /** POST /restart: returns when PostgreSQL accepts connections again. Needs credentials. */
  restart(restUrl: string, timeoutMs: number): Promise<void>;
  /**
   * POST /reinitialize: the member throws its data away and copies the leader's. Returns when that has begun. Needs
   * credentials.
   */
  reinitialize(restUrl: string): Promise<void>;
}

export interface PatroniClientOptions {
  /** Without it, nobody answers. */
  readonly access: ClusterAccess;
  /** What asks. @default over HTTPS, with the certificate of `access` */
  readonly fetch?: HttpFetch;
  readonly credentials?: RestCredentials;
  /** For one question; restarts have their own. @default 5000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Who one is for what changes something. */
export interface RestCredentials {
  readonly username: string;
  readonly password: string;
  /**
   * What the password was before. Patroni knows one only, and a member has another from when it is replaced: while that
   * goes on, some take this one. Empty: there was none.
   */
  readonly former?: string | undefined;
}

/** A JSON object. */
export type Document = JsonObject;

export type ClusterView = z.infer<typeof clusterView>;
export type ClusterMember = ClusterView["members"][number];
type MemberStatus = z.infer<typeof memberStatus>;

/** A member became the leader. */
export type RoleChange = z.infer<typeof history>[number];

/**
 * What is said, or not. Patroni says null for what it could not find out just now: the timeline of a standby that has
 * only begun to accept connections.
 */
function told<T>(schema: z.ZodType<T>) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();
}

const clusterView = z.object({
  members: z.array(
    z.object({
      name: z.string(),
      /** leader, standby_leader, sync_standby, quorum_standby or replica. */
      role: z.string(),
      /** running, streaming, in archive recovery, starting, stopped, start failed, creating replica … */
      state: z.string(),
      api_url: told(z.string()),
      host: told(z.string()),
      port: told(z.number()),
      timeline: told(z.number()),
      lag: told(z.union([z.number(), z.string()])),
      pending_restart: told(z.boolean()),
      /** Parameter → the value in force and the value that waits; since Patroni 4.0. */
      pending_restart_reason: z.record(z.string(), z.looseObject({ old_value: z.string() })).optional(),
      /** Such as `nofailover: true`. */
      tags: told(z.record(z.string(), z.json())),
      scheduled_restart: z.looseObject({ schedule: told(z.string()) }).optional(),
    }),
  ),
  pause: told(z.boolean()),
  /** One that Patroni carries out at that time. */
  scheduled_switchover: z.object({ at: z.string(), from: told(z.string()), to: told(z.string()) }).optional(),
});

const memberStatus = z.object({
  state: z.string(),
  role: told(z.string()),
  timeline: told(z.number()),
  /** `streaming` on a standby that receives WAL from the leader. */
  replication_state: told(z.string()),
  /** Bytes; a leader has `location`, a standby the other two. */
  xlog: z
    .object({
      location: told(z.number()),
      received_location: told(z.number()),
      replayed_location: told(z.number()),
    })
    .optional(),
  pending_restart: told(z.boolean()),
  /** Another one after every start. */
  postmaster_start_time: told(z.string()),
  /** The member leaves its PostgreSQL alone; absent when it does not. */
  pause: told(z.boolean()),
  /** Those that are set; absent when none is. */
  tags: told(z.record(z.string(), z.json())),
});

/** A timeline that has ended: its number, where, why, and, unless it is an old one, when and who led next. */
const history = z.array(
  z
    .tuple([z.number(), z.number(), z.string()])
    .rest(z.string())
    .transform(([timeline, lsn, reason, at, leader]) => ({
      timeline: timeline + 1,
      lsn,
      reason,
      at: at || undefined,
      leader: leader || undefined,
    })),
);

const document = z.record(z.string(), z.json());

/**
 * What is left of the time of a restart for the server to end; the rest is its to start. Without a time of its own,
 * Patroni gives a server as long as it would bear a crashed leader, and a standby may have more to replay than that.
 */
const SHUTDOWN_SECONDS = 30;

/** A client for all members of one cluster. */
export function patroniClient(options: PatroniClientOptions): PatroniClient {
  const tools = { ...options, fetch: options.fetch ?? httpsFetch(options.access) };
  const ask = (method: string, url: string, body?: Document, timeoutMs = options.timeoutMs ?? 5000) =>
    request(tools, { method, url, body, timeoutMs });
  return {
    cluster: async (restUrl) => read(clusterView, await ask("GET", `${restUrl}/cluster`)),
    member: async (restUrl) => read(memberStatus, await ask("GET", `${restUrl}/patroni`), [200, 503]),
    history: async (restUrl) => read(history, await ask("GET", `${restUrl}/history`)),
    config: async (restUrl) => read(document, await ask("GET", `${restUrl}/config`)),
    patchConfig: async (restUrl, patch) => read(document, await ask("PATCH", `${restUrl}/config`, patch)),
    restart: async (restUrl, timeoutMs) => {
      const timeout = Math.max(1, Math.floor(timeoutMs / 1000) - SHUTDOWN_SECONDS);
      const answer = await ask("POST", `${restUrl}/restart`, { timeout }, timeoutMs);
      if (answer.status !== 200) throw unexpected(answer);
    },
    reinitialize: async (restUrl) => {
      const answer = await ask("POST", `${restUrl}/reinitialize`, {});
      if (answer.status !== 200) throw unexpected(answer);
    },
  };
}

interface Question {
  readonly method: string;
  readonly url: string;
  readonly body?: Document | undefined;
  readonly timeoutMs: number;
}

/** An answer of any status. */
export interface Answer {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

/** Asks, and gives whatever is answered. Where the password is refused, nothing was done: the former one is tried. */
export async function request(
  options: PatroniClientOptions & { readonly fetch: HttpFetch },
  question: Question,
): Promise<Answer> {
  const { credentials } = options;
  if (question.body === undefined || credentials === undefined)
    return requestAs(undefined, options, question);
  const answer = await requestAs(credentials, options, question);
  const { username, former = "" } = credentials;
  if (answer.status !== 401 || former === "") return answer;
  return requestAs({ username, password: former }, options, question);
}

async function requestAs(
  login: Pick<RestCredentials, "username" | "password"> | undefined,
  options: PatroniClientOptions & { readonly fetch: HttpFetch },
  { method, url, body, timeoutMs }: Question,
): Promise<Answer> {
  // Beforehand: a way takes longer than a question may.
  await wayIsOpen(options.access);
  const limits = [AbortSignal.timeout(timeoutMs), ...(options.signal === undefined ? [] : [options.signal])];
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (login !== undefined) {
    headers["authorization"] =
      `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
  }
  try {
    const response = await options.fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any(limits),
    });
    return { method, url, status: response.status, text: await response.text() };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ActionError) throw error;
    const { access } = options;
    throw await connectionFailure(error, { what: `${method} ${url}`, peer: peerOf(url, access.way), access });
  }
}

function read<T>(schema: z.ZodType<T>, answer: Answer, accepted: readonly number[] = [200]): T {
  if (!accepted.includes(answer.status)) throw unexpected(answer);
  let json: unknown;
  try {
    json = JSON.parse(answer.text);
  } catch (error) {
    throw new ActionError("failed", `${answer.method} ${answer.url}: answered something that is not JSON`, {
      cause: error,
    });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim();
  throw new ActionError("failed", `${answer.method} ${answer.url}: not an answer of Patroni's (${where})`);
}

/** An answer that nobody waited for, as an error. */
export function unexpected({ method, url, status, text }: Answer): ActionError {
  const denied = status === 401 ? " (the REST password of the stack is not the one of this cluster)" : "";
  return new ActionError("failed", `${method} ${url}: ${status} ${text.trim().slice(0, 200)}${denied}`);
}
