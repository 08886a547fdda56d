import { z } from "zod";
import type { ClusterAccess } from "../access.ts";
import { ActionError } from "../action-error.ts";
import { type HttpFetch, httpsFetch, peerOf } from "../https-fetch.ts";
import { connectionFailure, noAnswer } from "../sql/connection-failure.ts";
import { wayIsOpen } from "../way/open-way.ts";

export interface EtcdGatewayOptions {
  /** Client URLs of the voters; the first that answers is used. */
  readonly endpoints: readonly string[];
  /** Without it, no voter answers. */
  readonly access: ClusterAccess;
  /** Whom to be. Left out: nobody, who may do nothing once authentication is on. */
  readonly login?: EtcdLogin;
  /** What asks. @default over HTTPS, with the certificate of `access` */
  readonly fetch?: HttpFetch;
  /** For one question to one voter. @default 3000 */
  readonly timeoutMs?: number;
}

export interface EtcdLogin {
  readonly user: string;
  readonly password: string;
}

/** What a voter said: an answer, or why not. */
type EtcdAnswer = { readonly body: unknown } | { readonly refusal: string };

/**
 * etcd's v3 API through its JSON gateway.
 *
 * @see https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/
 */
export interface EtcdGateway {
  /**
   * Asks one voter after the other until one answers. A refusal is an answer, and etcd's own words for it.
   *
   * @param path such as `kv/range`.
   * @throws ActionError `unreachable` when no voter answers with a quorum behind it.
   */
  ask(path: string, body: object): Promise<EtcdAnswer>;
  /** @throws ActionError `failed` also when it is refused. */
  require(path: string, body: object): Promise<unknown>;
}

export function etcdGateway(options: EtcdGatewayOptions): EtcdGateway {
  const asking = {
    access: options.access,
    fetch: options.fetch ?? httpsFetch(options.access),
    timeoutMs: options.timeoutMs ?? 3000,
    endpoints: [...options.endpoints],
  };
  const session = options.login === undefined ? undefined : loggedIn(options.login, asking);
  const ask = async (path: string, body: object): Promise<EtcdAnswer> => {
    const first = await askVoters(asking, path, body, await session?.token());
    if (session === undefined || !("refusal" in first) || !outdated(first.refusal)) return first;
    // A token lives for five minutes, and no longer than its user's password.
    return askVoters(asking, path, body, await session.another());
  };
  return {
    ask,
    require: async (path, body) => {
      const answer = await ask(path, body);
      if (!("refusal" in answer)) return answer.body;
      throw new ActionError("failed", `etcd: ${path}: ${answer.refusal}`);
    },
  };
}

/** etcd's words for: it is not known with which password one would be somebody. */
export const authenticationIsOff = "authentication is not enabled";

/** etcd's words for a wrong password. */
export const wrongPassword = "invalid user ID or password";

/** A token that is worth nothing any more. */
function outdated(refusal: string): boolean {
  return refusal.includes("invalid auth token") || refusal.includes("revision of auth store is old");
}

interface Session {
  token(): Promise<string>;
  another(): Promise<string>;
}

interface Asking {
  readonly access: ClusterAccess;
  readonly fetch: HttpFetch;
  readonly timeoutMs: number;
  /** The one that answered last comes first, so that a lost voter is waited for once. */
  endpoints: readonly string[];
}

function loggedIn(login: EtcdLogin, options: Asking): Session {
  let current: Promise<string> | undefined;
  const another = () => {
    const asked = authenticate(login, options);
    current = asked;
    // Whoever comes next asks again.
    asked.catch(() => {
      if (current === asked) current = undefined;
    });
    return asked;
  };
  return { token: () => current ?? another(), another };
}

const authenticated = z.object({ token: z.string() });

async function authenticate({ user, password }: EtcdLogin, options: Asking): Promise<string> {
  const answer = await askVoters(options, "auth/authenticate", { name: user, password });
  if (!("refusal" in answer)) return authenticated.parse(answer.body).token;
  const why = answer.refusal.includes(authenticationIsOff)
    ? "its authentication is off: run `pulumi up --refresh`, which turns it on"
    : answer.refusal.includes(wrongPassword)
      ? "it takes another password than this stack's: run `pulumi up --refresh`, which sets it"
      : answer.refusal;
  throw new ActionError("failed", `etcd: login of ${user}: ${why}`);
}

async function askVoters(options: Asking, path: string, body: object, token?: string): Promise<EtcdAnswer> {
  const failures: unknown[] = [];
  for (const endpoint of options.endpoints) {
    try {
      const answer = await askVoter(endpoint, options, path, body, token);
      options.endpoints = [endpoint, ...options.endpoints.filter((one) => one !== endpoint)];
      return answer;
    } catch (error) {
      if (!(error instanceof ActionError)) throw error;
      failures.push(error);
    }
  }
  throw noAnswer("no etcd voter answers", failures);
}

/** Neither the question nor the token is ever part of an error: both hold secrets. */
async function askVoter(
  endpoint: string,
  { access, fetch, timeoutMs }: Asking,
  path: string,
  body: object,
  token: string | undefined,
): Promise<EtcdAnswer> {
  // Beforehand: a way takes longer than a question may.
  await wayIsOpen(access);
  try {
    const response = await fetch(`${endpoint}/v3/${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: token }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (response.ok) return { body: JSON.parse(text) };
    const refusal = refusalIn(text);
    if (mayPass(response.status)) {
      throw new ActionError("unreachable", `${endpoint}: ${response.status} ${refusal}`);
    }
    return { refusal };
  } catch (error) {
    if (error instanceof ActionError) throw error;
    throw await connectionFailure(error, { what: endpoint, peer: peerOf(endpoint, access.way), access });
  }
}

/** No leader, no quorum, too much to do: another voter, or the same one later, may answer. */
function mayPass(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}

const refused = z.object({ message: z.string().optional(), error: z.string().optional() });

function refusalIn(text: string): string {
  try {
    const { message, error } = refused.parse(JSON.parse(text));
    return (message ?? error ?? "").replace(/^etcdserver: /, "");
  } catch {
    return text.trim().slice(0, 120);
  }
}
