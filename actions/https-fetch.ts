import type { Socket } from "node:net";
import type { buildConnector } from "undici";
import type { ClusterAccess } from "./access.ts";
import { checkOwnCertificate } from "./certificates/own-certificate.ts";
import type { Peer } from "./certificates/peer-certificate.ts";
import { streamThrough } from "./way/connect-to.ts";
import { openWay } from "./way/open-way.ts";

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
  const { ca, certificate, privateKey, way } = access;
  const { Agent, buildConnector, fetch } = await import("undici");
  const connect = { ca, cert: certificate, key: privateKey, timeout: 5000 };
  const dispatcher = new Agent({
    keepAliveTimeout: keptMs,
    keepAliveMaxTimeout: keptMs,
    maxCachedSessions: 0,
    connect: way === undefined ? connect : through(way, buildConnector({ ...connect, maxCachedSessions: 0 })),
  });
  // Whoever answers with another address is not followed: credentials are for the one that was asked.
  return (url, question) => fetch(url, { ...question, dispatcher, redirect: "manual" });
}

/** Each connection begins at the other end of the way; what is verified is who answers there, as without one. */
function through(way: string, connector: buildConnector.connector): buildConnector.connector {
  return (options, done) => {
    openWay(way).then(
      (open) => {
        const { host, port } = peerOf(`https://${options.host ?? options.hostname}`);
        // The library passes it on to `tls.connect`, which takes any stream.
        const httpSocket = streamThrough(open, host, port) as Socket;
        connector({ ...options, httpSocket }, done);
      },
      (error) => done(error, null),
    );
  };
}

/** Who answers at a URL. */
export function peerOf(url: string, way?: string): Peer {
  const { hostname, port } = new URL(url);
  // An address of IPv6 stands in brackets in a URL, and nowhere else.
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    host,
    port: port === "" ? 443 : Number(port),
    protocol: "tls",
    ...(way === undefined ? {} : { way }),
  };
}
