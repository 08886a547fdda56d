import type pg from "pg";
import type { ClusterAccess } from "../access.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { checkOwnCertificate } from "../certificates/own-certificate.ts";
import { socketThrough } from "../way/connect-to.ts";
import { openWay } from "../way/open-way.ts";
import { connectionFailure } from "./connection-failure.ts";

/** A server and who one is there. */
export type SqlLogin = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
} & Trust;

/** Whom to believe to be the server, and perhaps a certificate of one's own. */
type Trust =
  | { readonly access: ClusterAccess }
  | {
      /** PEM. For those who log in with a password alone, such as applications. */
      readonly ca: string;
      /** See `ClusterAccess`. */
      readonly way?: string | undefined;
    };

/** How long a connection and one question may take, milliseconds. */
export interface SqlLimits {
  readonly connectMs: number;
  readonly queryMs: number;
}

const usualLimits: SqlLimits = { connectMs: 5_000, queryMs: 30_000 };

/**
 * Connects as `verify-full` does: encrypted, and only to a server whose certificate is of the cluster's CA and for that
 * name or address. Whoever gets the connection ends it.
 *
 * @throws ActionError `unreachable` when nobody answers, or the server is on its way up or down; `refused` when a
 *   certificate is wrong; `failed` when the server admits nobody of that name, with that password, from here.
 */
export async function connectSql(
  login: SqlLogin,
  applicationName: string,
  { connectMs, queryMs }: SqlLimits = usualLimits,
): Promise<pg.Client> {
  const { host, port, user, password, database } = login;
  const ssl = await trustOf(login);
  const way = wayOf(login);
  const open = way === undefined ? undefined : await openWay(way);
  // Loaded with the first connection: a preview makes none.
  const { default: postgres } = await import("pg");
  const client = new postgres.Client({
    host,
    port,
    user,
    password,
    database,
    ssl,
    connectionTimeoutMillis: connectMs,
    query_timeout: queryMs,
    application_name: applicationName,
    ...(open === undefined ? {} : { stream: () => socketThrough(open, host, port) }),
  });
  // A connection that breaks makes the query fail as well; without a listener the event would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw await sqlFailure(error, login, "connect");
  }
}

/** Connects, works and ends the connection. */
export async function withSql<T>(
  login: SqlLogin,
  applicationName: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectSql(login, applicationName);
  try {
    return await work(client);
  } catch (error) {
    throw error instanceof ActionError ? error : await sqlFailure(error, login, "query");
  } finally {
    await client.end();
  }
}

function wayOf(login: SqlLogin): string | undefined {
  return "access" in login ? login.access.way : login.way;
}

async function trustOf(login: SqlLogin) {
  // The address is what the certificate is checked against; without it, an address would pass for `localhost`.
  const common = { host: login.host, rejectUnauthorized: true };
  if (!("access" in login)) return { ...common, ca: login.ca };
  checkOwnCertificate(login.access);
  const { ca, certificate, privateKey } = login.access;
  return { ...common, ca, cert: certificate, key: privateKey };
}

async function sqlFailure(error: unknown, login: SqlLogin, doing: "connect" | "query"): Promise<ActionError> {
  const { host, port, user, database } = login;
  const what = `${host}:${port}: database ${database} as ${user}`;
  const state = sqlState(error);
  if (state === undefined) {
    const peer = { host, port, protocol: "postgres", way: wayOf(login) } as const;
    return doing === "connect"
      ? connectionFailure(error, { what, peer })
      : new ActionError("unreachable", `${what}: ${reasonOf(error)}`, { cause: error });
  }
  const code = mayPass(state) ? "unreachable" : "failed";
  return new ActionError(code, `${what}: ${reasonOf(error)}`, { cause: error });
}

/**
 * May a server say otherwise a moment later? Classes of SQLSTATE: 08 connection, 25 still read-only, 40 somebody else
 * was faster, 53 out of something, 55 in use, 57 on its way up or down.
 */
export function mayPass(sqlState: string): boolean {
  return /^(08|25|40|53|55|57)/.test(sqlState);
}

/** The server's own code for what it does not do; undefined when it was not the server that said something. */
function sqlState(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error) || !("severity" in error)) {
    return undefined;
  }
  return typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}
