import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { ClusterAccess } from "../access.ts";
import { askToEncrypt, onConnection } from "../sql/connection.ts";
import { connectTo, type Place } from "../way/connect-to.ts";

/** Somebody who shows a certificate. */
export interface Peer extends Place {
  /** `postgres`: asks first whether the connection may be encrypted. */
  readonly protocol: "tls" | "postgres";
}

/** How long it may take to show a certificate. */
const TIMEOUT_MS = 2000;

/**
 * The certificate that somebody shows, whether it is worth anything or not: only for telling one from another, and for
 * saying what is wrong with it. Nothing else is sent, and nobody is named.
 *
 * @returns undefined when none is shown within two seconds.
 */
export async function peerCertificate(peer: Peer): Promise<X509Certificate | undefined> {
  return await shownCertificate(peer).catch(() => undefined);
}

/**
 * The same where it matters why there is none.
 *
 * @throws ActionError `unreachable` with the reason.
 */
export async function shownCertificate({ protocol, ...place }: Peer): Promise<X509Certificate> {
  return await onConnection(place, TIMEOUT_MS, async (socket) => {
    const answer = protocol === "postgres" ? await askToEncrypt(socket) : "S";
    if (answer !== "S") throw new Error(`it answers ${answer} when asked for TLS`);
    return await shownOn(socket, place.host);
  });
}

/**
 * What somebody says of the certificate that is shown to him, who closed the connection without an answer: with TLS 1.3
 * he says it when the connection already stands, and some clients do not listen any more.
 *
 * @returns undefined when nothing is said within that time.
 */
export async function verdictOn(
  { ca, certificate, privateKey, way }: ClusterAccess,
  { host, port }: Peer,
  timeoutMs = 500,
): Promise<Error | undefined> {
  const through = way === undefined ? {} : { socket: await connectTo({ host, port, way }) };
  return new Promise((resolve) => {
    const trusted = { host, port, ca, cert: certificate, key: privateKey, ...nameOf(host) };
    const socket = connectTls({ ...trusted, ...through });
    const end = (verdict?: Error) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(verdict);
    };
    const timer = setTimeout(end, timeoutMs);
    socket.on("error", end);
    socket.once("close", () => end());
  });
}

function shownOn(socket: Duplex, host: string): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    // Not for talking to it: the certificate is looked at, and never trusted.
    const encrypted = connectTls({ socket, rejectUnauthorized: false, ...nameOf(host) });
    let seen = false;
    const look = () => {
      if (seen) return; // asked for once more, it is gone
      const shown = encrypted.getPeerX509Certificate();
      if (shown === undefined) return;
      seen = true;
      // Later: a connection must not be closed in the midst of its handshake.
      setImmediate(resolve, shown);
    };
    // Whoever wants to see a certificate ends the handshake without one. With TLS 1.2 that is before the connection
    // stands, but after the keys were agreed on, and before those its own is shown.
    encrypted.on("keylog", look);
    encrypted.once("secureConnect", look);
    encrypted.on("error", reject);
  });
}

/** An address is never asked for by name. */
function nameOf(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}
