/** A small client of the Docker engine's HTTP interface, whose errors read as those of Docker's own client do. */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Configuration, RegistryLogin } from "./configuration.ts";
import { type Connect, connector } from "./connection.ts";
import { reasonOf } from "./failures.ts";
import { isProperties, type Properties, text, type Value } from "./values.ts";

/** The newest version of the interface that this client was written for; an older engine's own is used. */
const NEWEST_API = "1.47";

/** How long the engine may take to answer its ping, as Docker's own client allows for a connection. */
const PING_TIMEOUT_MS = 10_000;

/** How long a request may take that does not say otherwise. */
const REQUEST_TIMEOUT_MS = 300_000;

export interface Engine {
  readonly host: string;
  /** Major and minor version of the interface in use, such as `1.41`. */
  readonly api: string;
  readonly connect: Connect;
  readonly logins: readonly RegistryLogin[];
  /** Fires when Pulumi cancels the update. */
  readonly signal: AbortSignal;
}

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly json?: Properties;
  readonly tar?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** The engine refused. `status` is HTTP's. */
export class EngineError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(`Error response from daemon: ${message}`);
    this.status = status;
  }
}

/**
 * Connects to the engine and agrees on a version of its interface.
 *
 * @throws when it does not answer within 10 seconds
 */
export async function openEngine(configuration: Configuration, signal: AbortSignal): Promise<Engine> {
  const { host, logins } = configuration;
  const draft = { host, logins, signal, connect: connector(configuration), api: NEWEST_API };
  if (!configuration.checksEngine) return draft;
  try {
    const answer = await send(draft, "/_ping", { method: "GET", path: "/_ping", timeoutMs: PING_TIMEOUT_MS });
    const offered = String(answer.headers["api-version"] ?? NEWEST_API);
    return { ...draft, api: isOlder(offered, NEWEST_API) ? offered : NEWEST_API };
  } catch (error) {
    const advice = `please make sure that ${host} is reachable and has a '_ping' endpoint`;
    throw new Error(`Error pinging Docker server, ${advice}. Error: ${reasonOf(error)}`);
  }
}

/** Calls the engine. @returns its JSON answer, or null @throws EngineError when it refuses */
export async function ask(engine: Engine, call: Call): Promise<Value> {
  return parse((await callEngine(engine, call)).body);
}

/** Like `ask`, for an answer that is an object. */
export async function askFor(engine: Engine, call: Call): Promise<Properties> {
  const answer = await ask(engine, call);
  return isProperties(answer) ? answer : {};
}

/** Like `askFor`; undefined when the engine does not know what is asked for. */
export async function find(engine: Engine, path: string): Promise<Properties | undefined> {
  try {
    return await askFor(engine, { method: "GET", path });
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  }
}

/** The bytes of an answer that is not JSON. */
export async function askForBytes(engine: Engine, call: Call): Promise<Buffer> {
  return (await callEngine(engine, call)).body;
}

/** Whether version `left` of the interface is older than `right`. */
export function isOlder(left: string, right: string): boolean {
  const [major = 0, minor = 0] = left.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = right.split(".").map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

async function callEngine(engine: Engine, call: Call): Promise<Answer> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) query.set(name, String(value));
  const answer = await send(engine, `/v${engine.api}${encodeURI(call.path)}?${query}`, call);
  if (answer.status >= 400) throw new EngineError(answer.status, refusal(answer));
  return answer;
}

function refusal(answer: Answer): string {
  try {
    const body = parse(answer.body);
    return isProperties(body) ? text(body, "message") : String(answer.body);
  } catch {
    // A proxy in between may answer with something that is not JSON.
    return String(answer.body).trim();
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

async function send(engine: Engine, path: string, call: Call): Promise<Answer> {
  const body = call.tar ?? (call.json ? Buffer.from(JSON.stringify(call.json)) : undefined);
  const type = call.tar ? "application/x-tar" : "application/json";
  const headers = {
    ...call.headers,
    ...(body && { "content-type": type, "content-length": String(body.length) }),
  };
  const request = await engine.connect({ method: call.method, path, headers });
  return await exchange(request, body, engine.host, call.timeoutMs ?? REQUEST_TIMEOUT_MS);
}

function exchange(
  request: ClientRequest,
  body: Buffer | undefined,
  host: string,
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const late = () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    const timer = setTimeout(late, timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(unreachable(host, error));
    };
    request.on("error", fail);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    request.end(body);
  });
}

function unreachable(host: string, error: Error): Error {
  const gone =
    "code" in error && ["ENOENT", "ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT"].includes(String(error.code));
  if (gone) return new Error(`Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`);
  return new Error(`error during connect: ${host}: ${error.message}`);
}

function parse(body: Buffer): Value {
  const content = String(body);
  if (content.trim() === "") return null;
  const value: Value = JSON.parse(content);
  return value;
}
