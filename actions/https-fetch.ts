import type { ClusterAccess } from "./access.ts";
import { checkOwnCertificate } from "./certificates/own-certificate.ts";
import type { Peer } from "./certificates/peer-certificate.ts";

/** As much of `fetch` as is used here. */
export type HttpFetch = (url: string, question: HttpQuestion) => Promise<HttpAnswer>;

interface HttpQuestion {
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

interface HttpAnswer {
  readonly ok: boolean;
  readonly status: number;
  text(): Promise<string>;
}

/**
 * A `fetch` that shows a certificate and takes only one of the cluster's CA, for that name or address.
 *
 * A connection is closed soon after its answer, and no process waits for that. Each verifies anew: a session that was
 * taken up again would not notice that a certificate has expired.
 *
 * @param keptMs how long a connection waits for another question. @default 1000, which is longer than from one look to
 *   the next while something is awaited
 */
export function httpsFetch(access: ClusterAccess, keptMs = 1000): HttpFetch {
  let ready: Promise<HttpFetch> | undefined;
  return async (url, question) => {
    ready ??= connecting(access, keptMs);
    return (await ready)(url, question);
  };
}

/** Loaded with the first question: a preview asks none. */
async function connecting(access: ClusterAccess, keptMs: number): Promise<HttpFetch> {
  checkOwnCertificate(access);
  const { ca, certificate, privateKey } = access;
  const { Agent, fetch } = await import("undici");
  const dispatcher = new Agent({
    keepAliveTimeout: keptMs,
    keepAliveMaxTimeout: keptMs,
    maxCachedSessions: 0,
    connect: { ca, cert: certificate, key: privateKey, timeout: 5000 },
  });
  // Whoever answers with another address is not followed: credentials are for the one that was asked.
  return (url, question) => fetch(url, { ...question, dispatcher, redirect: "manual" });
}

/** Who answers at a URL. */
export function peerOf(url: string): Peer {
  const { hostname, port } = new URL(url);
  // An address of IPv6 stands in brackets in a URL, and nowhere else.
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: port === "" ? 443 : Number(port), protocol: "tls" };
}
